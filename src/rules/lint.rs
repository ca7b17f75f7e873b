//! What can be compiled and is still likely a mistake.
