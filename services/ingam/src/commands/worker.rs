//! `ingam worker`: the worker alone; the signer's lease decides among replicas.

use std::process::ExitCode;

use crate::cli::ConfigFile;
use crate::process::{self, Role, SigningArgs};

/// Run the worker alone (PostgreSQL)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: SigningArgs,
}

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    process::run(Role::Worker, args.signing, config).await
}
