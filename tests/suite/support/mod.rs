//! What the stories share.

mod database;
mod log;
mod minting;
mod service;
mod signing_service;

pub(crate) use database::{Database, over_both_databases};
pub(crate) use log::Log;
pub(crate) use minting::{COLLECTIONS, owner};
pub(crate) use service::{HOUR_MS, POLICY, Service};
pub(crate) use signing_service::{SigningFault, SigningService};
