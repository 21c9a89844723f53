//! `ingam fees simulate`: what waiting for cheap blocks would have saved.

mod simulate;

use std::process::ExitCode;

/// What blocks cost
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Simulate(simulate::Args),
}

pub(crate) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Simulate(args) => simulate::run(args),
    }
}
