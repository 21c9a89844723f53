//! The REST service over HTTP, on a real database, a simulated chain and a manual clock.

mod auditing;
mod bad_input;
mod bulk;
pub(crate) mod client;
mod edges;
mod embedding;
mod erasure;
mod forms;
mod idempotency;
mod isolation;
mod keys;
mod listing;
mod logs;
mod minting;
mod promise;
mod proofs;
mod rates;
mod receipts;
mod recipients;
mod repeats;
mod replicas;
mod representations;
mod restored;
mod revocation;
mod tokens;
mod verification;
