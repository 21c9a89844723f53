//! `ingam collection announce`

use anyhow::{Context as _, ensure};
use chain::{EvmChain, OwnerCall};
use domain::{Collection, MintState, Position, Token};
use proof::{Address, Timestamp, TokenId};
use store::Store;

use crate::owner_key::OwnerKeyArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    key: OwnerKeyArgs,
    /// The collection
    contract: Address,
    /// Only tokens whose revocation was final at this time or later (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse_rfc3339)]
    since: Option<Timestamp>,
}

/// Tokens of one transaction: about 2,000 gas each.
const AT_ONCE: usize = 500;
/// Tokens read at a time.
const PAGE: u32 = 1_000;

/// Only the owner's or a minter's key may.
pub(super) async fn run(args: &Args, store: &dyn Store, chain: &EvmChain) -> anyhow::Result<()> {
    let collections = store.collections().await?;
    let is_it = |one: &&Collection| one.stream.kind.collection() == Some(args.contract);
    let collection = collections.iter().find(is_it);
    let collection =
        collection.with_context(|| format!("there is no collection {}", args.contract))?;
    let chain_id = collection.stream.chain_id;
    ensure!(chain_id == chain::Chain::chain_id(chain), "the collection is on chain {chain_id}");
    let revoked = revoked(args, store, chain_id).await?;
    let key = args.key.open().await?;
    for ids in revoked.chunks(AT_ONCE) {
        let call = OwnerCall::AnnounceMetadata(ids.to_vec());
        chain.call_as_owner(&key, args.contract, call).await?;
    }
    println!("{} tokens announced", revoked.len());
    Ok(())
}

async fn revoked(args: &Args, store: &dyn Store, chain_id: u64) -> anyhow::Result<Vec<TokenId>> {
    let is_wanted = |token: &&Token| {
        let final_at = token.revocation.and_then(|revocation| revocation.final_at);
        token.state() == MintState::Revoked && final_at >= args.since
    };
    let (mut ids, mut after): (Vec<TokenId>, Option<Position>) = (Vec::new(), None);
    loop {
        let page = store.tokens_of_collection(chain_id, args.contract, after, PAGE).await?;
        ids.extend(page.iter().filter(is_wanted).filter_map(Token::id));
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.position),
            _ => return Ok(ids),
        }
    }
}
