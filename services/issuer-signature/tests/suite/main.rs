//! Signatures of the badges in `tests/vectors/badges` of this repository, whose `SOURCES.tsv` says
//! where each came from, and of badges signed here.
#![expect(clippy::unwrap_used, reason = "a fixture that is not what it should be fails its test")]

mod fixtures;
mod signed_here;
mod tampering;
