//! `ingam recipient`: asks for a badge's token.

use std::process::ExitCode;

use anyhow::Context as _;
use proof::{Address, read_owner};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::service_client::{KeyArgs, ServiceArgs, ServiceClient, text};

/// Ask for a token of a badge
///
/// The token is minted for good and its owner's address stays public on chain for ever: have the
/// learner's consent. Prints badge, state and owner, separated by tabs.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// The badge's id, as `ingam submit` prints it
    id: String,
    /// Who gets the token; mixed case is checked (EIP-55)
    #[arg(value_parser = read_owner)]
    recipient: Address,
    /// The present owner, whose token is revoked and replaced (a lost wallet)
    #[arg(long, value_name = "ADDRESS", value_parser = read_owner)]
    replaces: Option<Address>,
    /// Print the service's answer
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    mint: Mint,
}

#[derive(Deserialize)]
struct Mint {
    state: String,
    owner: Option<String>,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let client = ServiceClient::with_key(&args.service, &args.key)?;
    let mut body = json!({ "recipient": args.recipient });
    if let Some(replaces) = args.replaces {
        body["replaces"] = Value::String(replaces.to_string());
    }
    let path = format!("/v1/badges/{}/recipient", args.id);
    let response = client.put(&path, "application/json", &body.to_string().into()).await?;
    let answer = text(response).await?;
    if args.json {
        println!("{answer}");
    } else {
        let Answer { id, mint } = serde_json::from_str(&answer).context("the service's answer")?;
        println!("{id}\t{}\t{}", mint.state, mint.owner.unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}
