//! `ingam submit --bulk`: a few requests under way, answers in order, safe to repeat as a whole.

use std::fs::File;
use std::io::{BufReader, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use api::bulk_format::{BulkAnswer, BulkLine};
use futures::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use proof::TrustFile;
use serde_json::json;

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
    trust: Option<&TrustFile>,
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
    let mut totals = Totals::default();
    let mut answers = futures::stream::iter(chunks)
        .map_err(anyhow::Error::from)
        .and_then(|chunk| futures::future::ok(post(client, chunk)))
        .try_buffered(args.in_flight.into());
    let outcome = loop {
        match answers.try_next().await {
            Ok(Some((chunk, answer))) => {
                take(args, &chunk, &answer, trust, &mut receipts, &mut totals)?;
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

async fn post(client: &ServiceClient, chunk: Chunk) -> anyhow::Result<(Chunk, BulkAnswer)> {
    let mut attempt = 1;
    loop {
        let response = client.post("/v1/badges/bulk", "application/x-ndjson", &chunk.body).await?;
        let read = match text(response).await {
            Ok(text) => BulkAnswer::parse(&text).map_err(anyhow::Error::from),
            Err(error) => Err(error),
        };
        match read {
            Ok(answer)
                if answer.lines.len() + usize::from(chunk.has_header) == chunk.lines.len() =>
            {
                return Ok((chunk, answer));
            }
            Ok(answer) if attempt == ATTEMPTS => {
                let (sent, found) = (chunk.lines.len(), answer.lines.len());
                anyhow::bail!("{sent} lines were sent, {found} answered");
            }
            Err(error) if attempt == ATTEMPTS => return Err(error),
            _ => attempt += 1,
        }
    }
}

fn take(
    args: &Args,
    chunk: &Chunk,
    answer: &BulkAnswer,
    trust: Option<&TrustFile>,
    receipts: &mut Option<BufWriter<File>>,
    totals: &mut Totals,
) -> anyhow::Result<()> {
    let submitted = chunk.lines.iter().skip(usize::from(chunk.has_header));
    let mut made = answer.receipts();
    let mut trust = trust;
    for (number, line) in submitted.zip(&answer.lines) {
        let BulkLine::Accepted(accepted) = line else {
            if let BulkLine::Refused(problem) = line {
                totals.refused += 1;
                eprintln!("line {number}: {}", describe(problem));
            }
            continue;
        };
        let (badge, _) = accepted.as_ref();
        let receipt = made.next().context("an accepted badge without a receipt")??;
        // one signature covers the whole answer: it is checked with the first receipt
        check(&receipt, trust.take())?;
        totals.accepted += 1;
        totals.repeated += u64::from(badge.repeat);
        if let Some(receipts) = receipts {
            let row = json!({
                "id": badge.id,
                "proofToken": badge.proof_token,
                "receipt": receipt,
            });
            writeln!(receipts, "{row}")?;
        }
        if args.receipts.is_none() || args.json {
            Line {
                id: &badge.id,
                proof_token: &badge.proof_token,
                receipt: &receipt,
                from: &number.to_string(),
            }
            .print(args.json);
        }
    }
    Ok(())
}
