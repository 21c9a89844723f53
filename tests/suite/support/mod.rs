//! What the stories share.

mod database;

pub(crate) use database::{Database, over_both_databases};
