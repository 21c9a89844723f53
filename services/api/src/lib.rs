//! The REST service: one file per endpoint, named as its path.
//!
//! [`router`] is the public listener, [`operations_router`] the operators' own, [`openapi`] the
//! description of the former. Problems (RFC 9457) are made in `problem.rs` only.

pub mod bulk_format;

mod authentication;
mod badges;
mod batches;
mod blocking;
mod body;
mod breaches;
mod canary;
mod client_address;
mod collections;
mod conditional;
mod config;
mod embed;
mod finding;
mod idempotency;
mod intake_gate;
mod issuers;
mod known_id;
mod limits;
mod members;
mod observation;
mod openapi;
mod operations;
mod parameters;
mod presented;
mod problem;
mod promise;
mod promise_metrics;
mod proof_token;
mod proofs;
mod receipts;
mod recent;
mod restored;
mod router;
mod schemas;
mod service;
mod start_checks;
mod streams;
mod tokens;
mod trust;
mod verify;

pub use badges::read_badge::ReadBadge;
pub use badges::status::BadgeStatus;
pub use badges::submit::SubmitAnswer;
pub use canary::{CanaryError, CanaryRun};
pub use client_address::{Network, NetworkError};
pub use config::{ApiConfig, Limits, Rate};
pub use finding::{Finding, Outcome};
pub use openapi::openapi;
pub use operations::{MetricsText, operations_router};
pub use problem::{Problem, ProblemCode, ProblemDocument};
pub use proof_token::TokenSecret;
pub use recent::ADMINISTRATION_MEMORY_MS;
pub use router::router;
pub use service::ApiState;
pub use start_checks::StartChecks;
pub use tokens::collection::collection_document;
pub use tokens::metadata::{TokenDescribed, token_described};
