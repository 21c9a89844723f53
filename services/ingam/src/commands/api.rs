//! `ingam api`: the API alone; any number of replicas on one PostgreSQL.

use std::process::ExitCode;

use crate::cli::ConfigFile;
use crate::process::{self, Role, SigningArgs};

/// Run the API alone (PostgreSQL)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(Args {}: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    process::run(Role::Api, SigningArgs::default(), config).await
}
