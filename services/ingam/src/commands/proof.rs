//! `ingam proof`: fetches proof documents, by token or by badge.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use proof::ProofDocument;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;
use verifier::{AnchorStatus, Report};

use crate::service_client::{ServiceArgs, ServiceClient, text};

/// Fetch proofs from a service
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["tokens", "badge"])))]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    /// Proof tokens, as `ingam submit` prints them
    tokens: Vec<String>,
    /// Look the proof up by the badge itself (without receipt)
    #[arg(long, value_name = "FILE")]
    badge: Option<PathBuf>,
    /// Wait until the anchor is final
    #[arg(long)]
    wait: bool,
    /// Longest wait in seconds
    #[arg(long, default_value_t = 86_400)]
    timeout: u64,
    /// Write to this directory, one file a proof named by its digest; else to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Between two looks.
const POLL: Duration = Duration::from_secs(1);

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = ServiceClient::new(&args.service)?;
    if let Some(directory) = &args.out {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    let wanted: Vec<Wanted<'_>> = match &args.badge {
        Some(badge) => vec![Wanted::Of(badge)],
        None => args.tokens.iter().map(|token| Wanted::Under(token)).collect(),
    };
    let deadline = Instant::now() + Duration::from_secs(args.timeout);
    let bar = ProgressBar::new(wanted.len() as u64);
    let style = ProgressStyle::with_template("{bar} {pos}/{len} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    for one in &wanted {
        let document = loop {
            let document = one.fetch(&client).await?;
            if !args.wait || is_final(&client, &document).await? {
                break document;
            }
            if Instant::now() >= deadline {
                bail!("not final after {} s", args.timeout);
            }
            bar.set_message("waiting for a final block");
            tokio::time::sleep(POLL).await;
        };
        keep(args.out.as_deref(), &document)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(ExitCode::SUCCESS)
}

enum Wanted<'a> {
    Under(&'a str),
    Of(&'a Path),
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    proofs: Vec<&'a RawValue>,
}

impl Wanted<'_> {
    async fn fetch(&self, client: &ServiceClient) -> anyhow::Result<ProofDocument> {
        match self {
            Self::Under(token) => {
                // a token of ours is base64url; anything else would be another path
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                anyhow::ensure!(token.chars().all(plain), "{token} is no proof token");
                let answer = text(client.get(&format!("/v1/proofs/{token}")).await?).await?;
                Ok(ProofDocument::parse(answer.as_bytes())?)
            }
            Self::Of(badge) => {
                let bytes = std::fs::read(badge)
                    .with_context(|| format!("cannot read {}", badge.display()))?;
                let badge = badge::read(&bytes)?;
                let body = format!(r#"{{"rule":"{}","digest":"{}"}}"#, badge.rule, badge.digest);
                let response =
                    client.post("/v1/proofs/lookup", "application/json", &body.into()).await?;
                let answer = text(response).await?;
                let found: Found<'_> = serde_json::from_str(&answer)?;
                let first = found.proofs.first().context("the service knows no proof")?;
                Ok(ProofDocument::parse(first.get().as_bytes())?)
            }
        }
    }
}

/// What the service says; `ingam verify` is the judge.
async fn is_final(client: &ServiceClient, document: &ProofDocument) -> anyhow::Result<bool> {
    if document.anchors.is_empty() {
        return Ok(false);
    }
    let body = format!(r#"{{"proof":{}}}"#, document.to_json());
    let response = client.post("/v1/verify", "application/json", &body.into()).await?;
    let report: Report = serde_json::from_str(&text(response).await?)?;
    Ok(report.anchors.iter().any(|anchor| anchor.status == AnchorStatus::Final))
}

fn keep(directory: Option<&Path>, document: &ProofDocument) -> anyhow::Result<()> {
    let json = document.to_json();
    let Some(directory) = directory else {
        println!("{json}");
        return Ok(());
    };
    let path = directory.join(format!("{}.proof.json", document.badge.digest));
    std::fs::write(&path, format!("{json}\n"))
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
