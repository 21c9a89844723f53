//! The proof formats, held to published vectors, to the definitions of RFC 9162, to `FORMAT.md`
//! and to a second implementation that was written from it.

mod documents;

mod receipts;
mod reference;
mod samples;
mod tiles;
mod trust_files;
mod vectors;
