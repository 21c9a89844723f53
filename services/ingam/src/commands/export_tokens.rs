//! `ingam export-tokens`: the metadata of minted tokens as static files, to be served or pinned
//! without this service.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use domain::{Collection, MintState, Position, Token};
use proof::Address;
use store::Store;

use crate::cli::ConfigFile;
use crate::database;

/// Write ERC-721 metadata as static files
///
/// Makes DIRECTORY/CHAIN/CONTRACT with a file for each token on chain, named by its id, its picture
/// beside it as ID.svg, and the collection's own metadata in `contract`. With that folder's address
/// as base URI (`ipfs://…/`) the token and contract URIs lead to these files. Files of an earlier
/// export are replaced.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to write
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
    /// Only this collection
    #[arg(long, value_name = "ADDRESS")]
    collection: Option<Address>,
}

/// Tokens read at a time.
const PAGE: u32 = 1_000;

pub(crate) async fn run(args: Args, config: &ConfigFile) -> anyhow::Result<ExitCode> {
    let config = config.load()?;
    let store = database::open(&config.database).await?;
    let mut collections = store.collections().await?;
    if let Some(wanted) = args.collection {
        collections.retain(|one| one.stream.kind.collection() == Some(wanted));
        ensure!(!collections.is_empty(), "there is no collection {wanted} in this database");
    }
    let (mut tokens, contracts) = (0, collections.len());
    for collection in &collections {
        let public_url = &config.service.public_url;
        tokens += export(store.as_ref(), collection, public_url, &args.directory).await?;
    }
    store.close().await;
    println!("{tokens} tokens of {contracts} collections in {}", args.directory.display());
    Ok(ExitCode::SUCCESS)
}

/// How many tokens were written.
async fn export(
    store: &dyn Store,
    collection: &Collection,
    public_url: &str,
    directory: &Path,
) -> anyhow::Result<u64> {
    let chain_id = collection.stream.chain_id;
    let contract = collection.stream.kind.collection().context("a collection without contract")?;
    let directory = directory.join(chain_id.to_string()).join(contract.to_string());
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let document = api::collection_document(store, collection, public_url).await?;
    write(&directory.join("contract"), &document.to_json())?;
    let mut after: Option<Position> = None;
    let mut written = 0;
    loop {
        let page = store.tokens_of_collection(chain_id, contract, after, PAGE).await?;
        for token in page.iter().filter(|token| is_on_chain(token)) {
            let described = api::token_described(store, token).await?;
            let (id, described) = token.id().zip(described).context("a minted token without id")?;
            write(&directory.join(id.to_string()), &described.document.to_json())?;
            write(&directory.join(format!("{id}.svg")), &described.picture)?;
            written += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.position),
            _ => return Ok(written),
        }
    }
}

fn is_on_chain(token: &Token) -> bool {
    matches!(token.state(), MintState::Minted | MintState::Burned | MintState::Revoked)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
