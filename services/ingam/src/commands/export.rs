//! `ingam export`: all final proofs of an account as NDJSON, resumed where a stream was cut off.

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::TryStreamExt as _;
use indicatif::ProgressBar;
use serde::Deserialize;

use crate::service_client::{KeyArgs, ServiceArgs, ServiceClient};

/// Fetch all final proofs of an account
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// Only what has become final since: the cursor that an earlier export printed
    #[arg(long)]
    cursor: Option<String>,
    /// Write here instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How often a stream may be cut off without a single new line.
const ATTEMPTS: u32 = 5;

#[derive(Deserialize)]
struct Row {
    id: Option<String>,
    next: Option<String>,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = ServiceClient::with_key(&args.service, &args.key)?;
    let mut out: Box<dyn Write> = match &args.out {
        Some(path) => Box::new(BufWriter::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        )),
        None => Box::new(std::io::stdout().lock()),
    };
    let bar = if args.out.is_some() && std::io::stderr().is_terminal() {
        ProgressBar::no_length().with_message("proofs")
    } else {
        ProgressBar::hidden()
    };
    let mut cursor = args.cursor;
    let (mut proofs, mut idle) = (0_u64, 0);
    let next = loop {
        let before = proofs;
        match stream(&client, &mut cursor, &mut out, &mut proofs, &bar).await {
            Ok(Some(end)) => break end.next,
            Ok(None) | Err(_) if proofs > before => idle = 0,
            Ok(None) if idle < ATTEMPTS => idle += 1,
            Ok(None) => bail!("the export was cut off {ATTEMPTS} times"),
            Err(error) if idle >= ATTEMPTS => return Err(error),
            Err(_) => idle += 1,
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    out.flush()?;
    bar.finish_and_clear();
    eprintln!("{proofs} proofs; go on later with --cursor {}", next.as_deref().unwrap_or("0"));
    Ok(ExitCode::SUCCESS)
}

/// Writes lines until the stream ends; its last line, when it came.
async fn stream(
    client: &ServiceClient,
    cursor: &mut Option<String>,
    out: &mut dyn Write,
    proofs: &mut u64,
    bar: &ProgressBar,
) -> anyhow::Result<Option<Row>> {
    let path = match cursor {
        Some(cursor) => format!("/v1/proofs/export?cursor={cursor}"),
        None => "/v1/proofs/export".to_owned(),
    };
    let mut body = client.get(&path).await?.bytes_stream();
    let mut held = Vec::<u8>::new();
    while let Some(piece) = body.try_next().await.map_err(reqwest::Error::without_url)? {
        held.extend_from_slice(&piece);
        while let Some(end) = held.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = held.drain(..=end).collect();
            let row: Row = serde_json::from_slice(&line).context("a line of the export")?;
            let Some(id) = row.id else { return Ok(Some(row)) };
            out.write_all(&line)?;
            *cursor = Some(id);
            *proofs += 1;
            bar.inc(1);
        }
    }
    Ok(None)
}
