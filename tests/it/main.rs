//! The only test binary: each module shows one side of the program as its users meet it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// What the documents show and name is there.
mod documents;
/// How the documents are read here.
mod pages;
/// What the documents say the program prints is what it prints.
mod shown_output;
/// How the program is run here.
mod support;
