//! `ingam submit`: posts badges, one by one or in bulk, and keeps the receipts.

mod bulk;
mod bulk_file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use domain::PublicMetadata;
use proof::{Address, Receipt, Timestamp, TrustFile};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::presented_file;
use crate::presented_files::{Listed, list};
use crate::service_client::{KeyArgs, ServiceArgs, ServiceClient, text};

/// Submit badges to a service
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["files", "bulk"])))]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// Badges in any form, one a file; of a directory, its files
    #[arg(value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// Directories in directories, too
    #[arg(long, short, conflicts_with = "bulk")]
    recursive: bool,
    /// One submission a line, as the API takes them; the first line may be a header
    #[arg(long, value_name = "FILE.ndjson")]
    bulk: Option<PathBuf>,
    /// In whose name; without, the issuer that the badge names
    #[arg(long, value_name = "IDENTIFIER", conflicts_with = "bulk")]
    issuer: Option<String>,
    /// When the learner accepted the badge (RFC 3339): the promise runs from there
    #[arg(long, value_name = "TIME", conflicts_with = "bulk")]
    window_started_at: Option<String>,
    /// Who gets a token of each badge; mixed case is checked (EIP-55). The address stays public on
    /// chain for ever
    #[arg(long, value_name = "ADDRESS", conflicts_with = "bulk", value_parser = proof::read_owner)]
    recipient: Option<Address>,
    /// What the token shows to everyone: a JSON file with name, description, image, url, level
    #[arg(long, value_name = "FILE", conflicts_with = "bulk")]
    metadata: Option<PathBuf>,
    /// Keep the receipts: in this directory, one a file; for --bulk in this file, one a line
    #[arg(long, value_name = "PATH")]
    receipts: Option<PathBuf>,
    /// Check the receipts' signatures with this trust file
    #[arg(long, value_name = "FILE", env = "INGAM_TRUST")]
    trust: Option<PathBuf>,
    /// Bulk requests under way at a time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    in_flight: u8,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// What is printed of an accepted badge.
struct Line<'a> {
    id: &'a str,
    proof_token: &'a str,
    receipt: &'a Receipt,
    /// File, or line of the bulk file.
    from: &'a str,
}

impl Line<'_> {
    fn print(&self, as_json: bool) {
        let Self { id, proof_token, receipt, from } = self;
        let digest = receipt.promise.digest;
        let deadline: Timestamp = receipt.promise.deadline_at;
        if as_json {
            let line = json!({
                "from": from,
                "id": id,
                "digest": digest,
                "deadlineAt": deadline,
                "proofToken": proof_token,
            });
            println!("{line}");
        } else {
            println!("{id}\t{digest}\t{deadline}\t{proof_token}\t{from}");
        }
    }
}

/// Exit code 1 when any badge is refused; the others are accepted all the same.
pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = ServiceClient::with_key(&args.service, &args.key)?;
    let trust = args.trust.as_deref().map(read_trust).transpose()?;
    if let Some(file) = &args.bulk {
        return bulk::run(&args, file, &client, trust).await;
    }
    if let Some(directory) = &args.receipts {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    let options = options(&args)?;
    let mut code = ExitCode::SUCCESS;
    for listed in list(&args.files, args.recursive) {
        let Listed { path: file, in_directory } = match listed {
            Ok(listed) => listed,
            Err(why) => {
                eprintln!("{why}");
                code = ExitCode::FAILURE;
                continue;
            }
        };
        // a proof may be kept beside its badge
        if in_directory && presented_file::is_proof(&file) {
            continue;
        }
        if let Err(error) = submit(&args, &options, &file, &client, trust.as_ref()).await {
            eprintln!("{}: {error:#}", file.display());
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn read_trust(path: &Path) -> anyhow::Result<TrustFile> {
    let bytes = presented_file::read(path)?;
    TrustFile::parse(&bytes).with_context(|| format!("trust file {}", path.display()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    id: String,
    receipt: Receipt,
    proof_token: String,
}

async fn submit(
    args: &Args,
    options: &[(&str, Value)],
    file: &Path,
    client: &ServiceClient,
    trust: Option<&TrustFile>,
) -> anyhow::Result<()> {
    let bytes = presented_file::read(file)?;
    // a badge that has no digest here will have none there
    let badge = badge::read(&bytes)?;
    let body = body(options, &bytes)?;
    let response = client.post("/v1/badges", "application/json", &body).await?;
    let answer: Answer =
        serde_json::from_str(&text(response).await?).context("the service's answer")?;
    let receipt = &answer.receipt;
    ensure!(
        receipt.promise.digest == badge.digest,
        "the receipt is for digest {}, the badge's is {}",
        receipt.promise.digest,
        badge.digest
    );
    check(receipt, trust)?;
    let from = file.display().to_string();
    if let Some(directory) = &args.receipts {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = directory.join(format!("{name}.{}.receipt.json", answer.id));
        std::fs::write(&path, format!("{}\n", serde_json::to_string_pretty(receipt)?))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Line { id: &answer.id, proof_token: &answer.proof_token, receipt, from: &from }
        .print(args.json);
    Ok(())
}

/// The members that all badges of the call share.
fn options(args: &Args) -> anyhow::Result<Vec<(&'static str, Value)>> {
    let metadata = args.metadata.as_deref().map(read_metadata).transpose()?;
    let members = [
        ("issuer", args.issuer.as_ref().map(|text| json!(text))),
        ("windowStartedAt", args.window_started_at.as_ref().map(|text| json!(text))),
        ("recipient", args.recipient.map(|address| json!(address))),
        ("metadata", metadata),
    ];
    Ok(members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
}

fn read_metadata(path: &Path) -> anyhow::Result<Value> {
    let bytes = presented_file::read(path)?;
    let place = || format!("metadata {}", path.display());
    let metadata: PublicMetadata = serde_json::from_slice(&bytes).with_context(place)?;
    metadata.check().with_context(place)?;
    Ok(serde_json::to_value(metadata)?)
}

/// The badge with the options.
fn body(options: &[(&str, Value)], badge: &[u8]) -> anyhow::Result<bytes::Bytes> {
    let mut body = b"{".to_vec();
    body.extend_from_slice(&presented_file::as_member(badge));
    for (name, value) in options {
        body.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
    }
    body.push(b'}');
    Ok(body.into())
}

/// What the receipt says of itself, and with a trust file its signature.
fn check(receipt: &Receipt, trust: Option<&TrustFile>) -> anyhow::Result<()> {
    receipt.promise.check()?;
    if let Some(trust) = trust {
        trust.check_receipt(receipt)?;
    }
    Ok(())
}
