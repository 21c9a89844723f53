//! `ingam serve`: API and worker in one process.

use std::process::ExitCode;

use crate::cli::ConfigFile;
use crate::process::{self, Role, SigningArgs};

/// Run the service: API and worker in one process
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    signing: SigningArgs,
}

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    process::run(Role::Whole, args.signing, config).await
}
