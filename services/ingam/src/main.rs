//! The one binary: configuration, wiring, subcommands.

// the service's parts, awaited within each other, are deeper than the compiler looks by itself
#![recursion_limit = "256"]

mod chain_reading;
mod cli;
mod commands;
mod config;
mod database;
mod fee_replay;
mod listener;
mod logging;
mod metrics_text;
mod owner_key;
mod presented_file;
mod presented_files;
mod process;
mod published_trust;
mod secrets;
mod service_client;
mod signer;
mod signing_key;
mod startup;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

use cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // the HTTP client has no TLS provider of its own and panics without one
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("ingam: a TLS provider was installed before");
        return ExitCode::FAILURE;
    }
    let cli = Cli::parse();
    if !cli.serves() {
        // a reader that has seen enough, as `head`, ends a command without a word
        sigpipe::reset();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ingam: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(cli.run());
    // a thread that still computes must not keep the process
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ingam: {error:#}");
            ExitCode::FAILURE
        }
    }
}
