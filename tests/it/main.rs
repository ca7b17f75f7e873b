//! The only test binary: each module shows one side of the program as its users meet it.

/// What the documents show and name is there.
mod documents;
/// How the program is run here.
mod support;
