//! The REST service over HTTP, on a real database, a simulated chain and a manual clock.

mod auditing;
mod bad_input;
mod bulk;
pub(crate) mod client;
mod edges;
mod embedding;
mod erasure;
mod forms;
mod keys;
mod listing;
mod logs;
mod minting;
mod proofs;
mod receipts;
mod recipients;
mod representations;
mod revocation;
mod tokens;
mod verification;
