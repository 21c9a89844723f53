//! `ingam submit --bulk`: a few requests under way, answers in order, safe to repeat as a whole.

use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use api::bulk_format::{BulkAnswer, BulkBadge, BulkLine};
use futures::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use proof::{Receipt, TrustFile};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::bulk_file::{Chunk, ChunkLimits, Chunks};
use super::{Args, Line, check};
use crate::service_client::{ServiceClient, describe, text};

/// A request that was cut off is made again so many times.
const ATTEMPTS: u32 = 5;

/// What became of all lines so far.
#[derive(Default)]
struct Totals {
    accepted: u64,
    repeated: u64,
    refused: u64,
}

pub(super) async fn run(
    args: &Args,
    file: &Path,
    client: &ServiceClient,
    trust: Option<TrustFile>,
) -> anyhow::Result<ExitCode> {
    let input = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let bar = progress(input.metadata()?.len());
    let limits = api::Limits::default();
    let limits = ChunkLimits { lines: limits.bulk_lines, bytes: limits.bulk_bytes };
    let chunks =
        Chunks::new(BufReader::new(input), limits).with_context(|| file.display().to_string())?;
    let mut receipts = match &args.receipts {
        Some(path) => Some(BufWriter::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        )),
        None => None,
    };
    let trust = trust.map(Arc::new);
    let mut totals = Totals::default();
    let mut answers = futures::stream::iter(chunks)
        .map_err(anyhow::Error::from)
        .and_then(|chunk| futures::future::ok(post(client, chunk, trust.clone())))
        .try_buffered(args.in_flight.into());
    let outcome = loop {
        match answers.try_next().await {
            Ok(Some((chunk, settled))) => {
                keep(args, &settled, &mut receipts, &mut totals)?;
                bar.set_position(chunk.read);
                bar.set_message(format!("{} accepted", totals.accepted));
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    bar.finish_and_clear();
    if let Some(receipts) = &mut receipts {
        receipts.flush()?;
    }
    let Totals { accepted, repeated, refused } = totals;
    eprintln!("{accepted} accepted ({repeated} of them known before), {refused} refused");
    outcome
        .context("not everything was sent; the same command goes on, nothing is stored twice")?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn progress(bytes: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta} {msg}");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// What became of one line of the file.
enum Settled {
    Accepted { line: u64, badge: Box<BulkBadge>, receipt: Box<Receipt> },
    Refused { line: u64, why: String },
}

async fn post(
    client: &ServiceClient,
    chunk: Chunk,
    trust: Option<Arc<TrustFile>>,
) -> anyhow::Result<(Chunk, Vec<Settled>)> {
    let mut attempt = 1;
    loop {
        let response = client.post("/v1/badges/bulk", "application/x-ndjson", &chunk.body).await?;
        let failure = match text(response).await {
            Ok(text) => {
                let (sent, trust) = (chunk.clone(), trust.clone());
                // ten thousand receipts are a second's work
                let settled =
                    spawn_blocking(move || settle(&sent, &text, trust.as_deref())).await?;
                match settled {
                    Ok(settled) => return Ok((chunk, settled)),
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        if attempt == ATTEMPTS {
            return Err(failure);
        }
        attempt += 1;
    }
}

/// Reads an answer and makes its receipts.
fn settle(
    chunk: &Chunk,
    text: &str,
    mut trust: Option<&TrustFile>,
) -> anyhow::Result<Vec<Settled>> {
    let answer = BulkAnswer::parse(text)?;
    let submitted = chunk.lines.iter().copied().skip(usize::from(chunk.has_header));
    ensure!(
        answer.lines.len() == submitted.len(),
        "{} lines were sent, {} answered",
        submitted.len(),
        answer.lines.len()
    );
    let mut receipts = answer.receipts();
    let mut settled = Vec::with_capacity(answer.lines.len());
    for (line, answered) in submitted.zip(&answer.lines) {
        settled.push(match answered {
            BulkLine::Refused(problem) => Settled::Refused { line, why: describe(problem) },
            BulkLine::Accepted(accepted) => {
                let receipt = receipts.next().context("an accepted badge without a receipt")??;
                // one signature covers the whole answer: it is checked with the first receipt
                check(&receipt, trust.take())?;
                let badge = Box::new(accepted.0.clone());
                Settled::Accepted { line, badge, receipt: Box::new(receipt) }
            }
        });
    }
    Ok(settled)
}

fn keep(
    args: &Args,
    settled: &[Settled],
    receipts: &mut Option<BufWriter<File>>,
    totals: &mut Totals,
) -> anyhow::Result<()> {
    for one in settled {
        let (line, badge, receipt) = match one {
            Settled::Refused { line, why } => {
                totals.refused += 1;
                eprintln!("line {line}: {why}");
                continue;
            }
            Settled::Accepted { line, badge, receipt } => (line, badge, receipt),
        };
        totals.accepted += 1;
        totals.repeated += u64::from(badge.repeat);
        let BulkBadge { id, proof_token, .. } = badge.as_ref();
        if let Some(receipts) = receipts {
            let row = Kept { id, proof_token, receipt };
            serde_json::to_writer(&mut *receipts, &row)?;
            receipts.write_all(b"\n")?;
        }
        if args.receipts.is_none() || args.json {
            Line { id, proof_token, receipt, from: &line.to_string() }.print(args.json);
        }
    }
    Ok(())
}

/// A line of the receipts' file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept<'a> {
    id: &'a str,
    proof_token: &'a str,
    receipt: &'a Receipt,
}
