//! The end-to-end tests. One binary; each module is a story, and this listing is the test plan.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod architecture;
mod audit_log;
mod auditing;
mod chaos;
mod faults;
mod fees;
mod fuzz_replay;
mod minting;
mod restoring;
mod simulation;
mod store;
mod story;
mod support;
