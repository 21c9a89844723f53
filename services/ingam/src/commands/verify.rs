//! `ingam verify`: the verdict on a badge, from its proof, a trust file and the chain alone.

mod proofs;
mod several;

use std::path::PathBuf;
use std::process::ExitCode;

use chain::RpcUrl;
use domain::{Clock as _, SystemClock};
use proof::{ProofDocument, TrustFile};
use verifier::{Check, Outcome, Presented, Question, Report, readings_needed, verify};

use self::proofs::{NoProof, Proofs, read};
use crate::chain_reading;

/// Verify a badge with its proof, beside it or inside it; needs no service
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The badge, in the form it was handed out; several, or directories of them, give one line each
    #[arg(required = true, value_name = "FILE|DIR")]
    badges: Vec<PathBuf>,
    /// Its proof document, or a directory of such; without, the one beside it in its directory, else
    /// the one that is embedded in the badge
    #[arg(long, value_name = "FILE|DIR")]
    proof: Option<PathBuf>,
    /// Directories in directories, too
    #[arg(long, short)]
    recursive: bool,
    /// Whom to trust; without, the trust file built into this release
    #[arg(long, value_name = "FILE", env = "INGAM_TRUST")]
    trust: Option<PathBuf>,
    /// A node of a chain on which the badge is anchored; may be given several times
    #[arg(long = "rpc", value_name = "URL", env = "INGAM_RPC", value_delimiter = ',')]
    rpc: Vec<RpcUrl>,
    /// Whose the badge should be: an e-mail address, or another identifier as the badge has it.
    /// Compared, and nothing else
    #[arg(long, value_name = "EMAIL", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    recipient: Option<String>,
    /// Print the report as JSON; of several badges, one a line with its `file`
    #[arg(long)]
    json: bool,
}

/// A file that the user named wrongly, or that is not what was asked for.
const USAGE: u8 = 2;
const NOT_VERIFIED: u8 = 1;

/// A release replaces this file by the trust file of the service that it is released for.
const BUILT_IN: &[u8] = include_bytes!("../../built-in-trust.json");

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let usage = |why: &dyn std::fmt::Display| {
        eprintln!("ingam: {why}");
        Ok(ExitCode::from(USAGE))
    };
    let one = match args.badges.as_slice() {
        [one] if !one.is_dir() => Some(one),
        _ => None,
    };
    let proofs = match Proofs::named(args.proof.as_ref(), one.is_some()) {
        Ok(proofs) => proofs,
        Err(why) => return usage(&why),
    };
    let trust = match &args.trust {
        Some(path) => match read(path) {
            Ok(bytes) => TrustFile::parse(&bytes),
            Err(why) => return usage(&why),
        },
        None => TrustFile::parse(BUILT_IN),
    };
    let trust = match trust {
        Ok(trust) => trust,
        Err(why) => return usage(&format!("trust file: {why}")),
    };
    let Some(one) = one else { return Ok(several::run(&args, &trust, proofs).await) };
    let badge = match read(one) {
        Ok(badge) => badge,
        Err(why) => return usage(&why),
    };
    let document = match proofs.of(&badge) {
        Ok(document) => document,
        Err(NoProof::None) => {
            return usage(&"the badge holds no proof; name its proof document by --proof");
        }
        Err(NoProof::Refused(reason)) => {
            refuse(&args, &reason);
            return Ok(ExitCode::from(NOT_VERIFIED));
        }
    };
    let report = judge(&args, &trust, &badge, &document).await;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    Ok(ExitCode::from(report.verdict.exit_code()))
}

/// The report on one badge.
async fn judge(args: &Args, trust: &TrustFile, badge: &[u8], document: &ProofDocument) -> Report {
    let needed = readings_needed(document, trust);
    let readings = chain_reading::read_all(&needed, &args.rpc).await;
    verify(&Question {
        presented: Presented::Bytes(badge),
        document,
        trust,
        readings: &readings,
        now: SystemClock.now(),
        recipient: args.recipient.as_deref(),
    })
}

/// A malformed proof is one that does not verify, whoever malformed it.
fn refuse(args: &Args, reason: &str) {
    if args.json {
        println!("{}", serde_json::json!({ "verdict": "not-verified", "reason": reason }));
    } else {
        println!("not-verified: {reason}");
    }
}

fn print(report: &Report) {
    println!("{}: {}", report.verdict, report.reason);
    println!();
    for Check { name, outcome, detail } in &report.checks {
        let mark = match outcome {
            Outcome::Passed => "passed     ",
            Outcome::Failed => "FAILED     ",
            Outcome::NotChecked => "not checked",
        };
        println!("  {mark}  {:<18}{detail}", name.name());
    }
    println!();
    for signature in &report.signatures {
        // names out of the badge, which a terminal must not obey
        let algorithm = signature.algorithm.escape_debug();
        println!("signature   {} ({algorithm}): {}", signature.place, signature.detail);
        if let Some(key) = &signature.key {
            println!("            names the key {}", key.escape_debug());
        }
    }
    println!("issuer      {} (attested by the service {})", report.issuer, report.service);
    for anchor in &report.anchors {
        println!("anchor      chain {}, registry {}", anchor.chain_id, anchor.registry);
        println!("            {}", anchor.detail);
        if !anchor.stale_hints.is_empty() {
            let stale = anchor.stale_hints.join(", ");
            println!("            the proof's {stale} are stale; the chain's are shown");
        }
    }
    if let Some(token) = &report.token {
        println!("token       {}", token.id);
        println!("            {}", token.detail);
        if !token.stale_hints.is_empty() {
            println!("            the proof names another owner; the chain's is shown");
        }
    }
    let times = &report.times;
    if let Some(time) = times.existed_no_later_than {
        println!("proven      existed no later than {time}");
    }
    if let Some(promise) = &times.promise {
        let kept = match promise.kept {
            Some(true) => ", kept",
            Some(false) => ", BROKEN",
            None => "",
        };
        println!("service     says: received at {}", promise.received_at);
        println!("            promised by {}{kept}", promise.deadline_at);
    }
    if let Some(time) = &times.valid_from {
        println!("issuer      says: valid from {time}");
    }
    if let Some(time) = &times.valid_until {
        println!("issuer      says: valid until {time}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_trust_file_is_one() {
        TrustFile::parse(BUILT_IN).unwrap();
    }
}
