//! The proof formats, held to published vectors, to the definitions of RFC 9162, to `FORMAT.md`
//! and to a second implementation that was written from it.
#![expect(clippy::unwrap_used, reason = "a fixture that is not what it should be fails its test")]

mod audit_examples;
mod breaches;
mod documents;
mod embedded;
mod examples;
mod format_md;
mod oracle;

mod receipts;
mod reference;
mod samples;
mod tiles;
mod token_examples;
mod tokens;
mod trust_files;
mod vectors;
