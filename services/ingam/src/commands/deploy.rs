//! `ingam deploy`
use crate::cli::ConfigFile;
use std::process::ExitCode;
/// Deploy a registry
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}
pub(crate) async fn run(_args: Args, _config: &ConfigFile) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
