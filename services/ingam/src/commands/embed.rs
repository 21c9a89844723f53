//! `ingam embed BADGE PROOF -o OUT`: the badge with its proof in it, so that one file is enough.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use proof::ProofDocument;

use crate::presented_file;

/// Write a badge's proof into the badge; needs no service
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The badge: a credential in JSON, a JWS in JSON form, a baked PNG or SVG
    badge: PathBuf,
    /// Its proof document, anchored already
    proof: PathBuf,
    /// The same badge with the proof in it; written anew where it exists
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

/// Exit code 1 when nothing was written; the code of the refusal goes to standard error.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let badge = presented_file::read(&args.badge)?;
    let document = match ProofDocument::parse(&presented_file::read(&args.proof)?) {
        Ok(document) => document,
        Err(why) => {
            eprintln!("{}: proof_refused: {why}", args.proof.display());
            return Ok(ExitCode::FAILURE);
        }
    };
    let with_proof = match badge::embed(&badge, &document) {
        Ok(with_proof) => with_proof,
        Err(why) => {
            eprintln!("{}: {}: {why}", args.badge.display(), why.code());
            return Ok(ExitCode::FAILURE);
        }
    };
    std::fs::write(&args.out, with_proof)
        .with_context(|| format!("cannot write {}", args.out.display()))?;
    println!("{}", args.out.display());
    Ok(ExitCode::SUCCESS)
}
