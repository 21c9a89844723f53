//! Tokens of one mint batch: leaves, owners and revocations, from their rows up to the chain.

use std::collections::HashMap;

use chain::{At, Chain};
use domain::{Batch, BatchState, Position, Seal, Stream, Token};
use proof::{Address, Hash, owners_hash};
use store::Store;

use super::trees::{check_tree, read_tiles};
use super::{Audit, PAGE, Subject, revocations};
use crate::StepError;

/// What is audited.
pub(super) struct Mint<'a> {
    pub(super) batch: &'a Batch,
    pub(super) stream: &'a Stream,
    pub(super) collection: Address,
}

impl Mint<'_> {
    pub(super) async fn check(
        &self,
        store: &dyn Store,
        chain: Option<&dyn Chain>,
        audit: &mut Audit,
    ) -> Result<(), StepError> {
        let batch = self.batch;
        let subject = Subject::Batch(batch.id);
        if batch.state == BatchState::Vacated {
            // a range that was skipped after a restore is longer than any batch
            let mut requests = self.tokens(store).await?;
            requests.retain(|token| token.badge.is_some());
            if !requests.is_empty() {
                let detail = format!("it is vacated, but {} requests stand", requests.len());
                audit.find(subject, detail);
            }
        }
        let Some(seal) = batch.seal() else { return Ok(()) };
        if seal.size > batch.len() {
            let detail = format!("{} leaves for {} positions", seal.size, batch.len());
            audit.find(subject, detail);
        }
        let stored = read_tiles(store, batch, audit).await?;
        let leaves = stored.leaves();
        audit.leaves += leaves.len() as u64;
        if leaves.len() as u64 != seal.size {
            let detail = format!("{} leaves are stored, its seal has {}", leaves.len(), seal.size);
            audit.find(subject, detail);
            return Ok(());
        }
        check_tree(batch, seal, &leaves, &stored, audit)?;
        let tokens = self.tokens(store).await?;
        audit.tokens += tokens.len() as u64;
        let by_leaf = self.check_places(seal, &tokens, audit);
        self.check_leaves(store, &leaves, &by_leaf, audit).await?;
        self.check_owners(seal, &by_leaf, audit);
        match chain {
            Some(chain) => self.check_chain(store, chain, seal, &tokens, audit).await,
            None => Ok(()),
        }
    }

    async fn tokens(&self, store: &dyn Store) -> Result<Vec<Token>, StepError> {
        let (mut from, end) = (self.batch.first, self.batch.end);
        let mut tokens: Vec<Token> = Vec::new();
        loop {
            let page = store.tokens_between(from, end, PAGE).await?;
            let Some(last) = page.last() else { return Ok(tokens) };
            from = last.position.plus(1);
            tokens.extend(page);
        }
    }

    /// Each leaf has one token. Tokens in the order of their leaves.
    fn check_places<'t>(
        &self,
        seal: &Seal,
        tokens: &'t [Token],
        audit: &mut Audit,
    ) -> Vec<&'t Token> {
        let mut by_leaf: Vec<&Token> = tokens.iter().collect();
        by_leaf.sort_by_key(|token| token.index);
        let found: Vec<_> = by_leaf.iter().map(|token| token.index.map(u64::from)).collect();
        let expected: Vec<_> = (0..seal.size).map(Some).collect();
        if found != expected {
            let detail =
                format!("its {} tokens do not have its {} leaves", tokens.len(), seal.size);
            audit.find(Subject::Batch(self.batch.id), detail);
        }
        by_leaf
    }

    /// The leaf of a token is its badge's own. An erased badge has left no link, and no leaf could
    /// be computed of it.
    async fn check_leaves(
        &self,
        store: &dyn Store,
        leaves: &[Hash],
        by_leaf: &[&Token],
        audit: &mut Audit,
    ) -> Result<(), StepError> {
        let entries = store.mint_entries(self.batch.first, self.batch.end).await?;
        let entries = entries.into_iter().map(|request| (request.position, request.entry.leaf()));
        let entries: HashMap<Position, Hash> = entries.collect();
        for token in by_leaf.iter().filter(|token| token.badge.is_some()) {
            let stored = token.index.and_then(|index| leaves.get(index as usize));
            if stored != entries.get(&token.position) {
                audit.find(Subject::Token(token.position), "its leaf is not that of its badge");
            }
        }
        Ok(())
    }

    /// Owners ascend with the leaves, and are those that were sealed. Those of erased badges are
    /// gone once the batch is final.
    fn check_owners(&self, seal: &Seal, by_leaf: &[&Token], audit: &mut Audit) {
        let known = by_leaf.iter().filter_map(|token| Some((token.owner?, token.position)));
        let subject = Subject::Batch(self.batch.id);
        if !known.is_sorted() {
            audit.find(subject, "its leaves are not in the order of owners");
        }
        let owners: Option<Vec<Address>> = by_leaf.iter().map(|token| token.owner).collect();
        match owners {
            Some(owners) => {
                let given = owners_hash(seal.commitment, &owners);
                if seal.owners_hash != Some(given) {
                    audit.find(subject, "its owners are not those that were sealed");
                }
            }
            None if matches!(self.batch.state, BatchState::Final { .. }) => {}
            None => audit.find(subject, "an owner is missing before it is minted"),
        }
    }

    /// The collection has these owners and no others; what was burned or revoked here is so there.
    async fn check_chain(
        &self,
        store: &dyn Store,
        chain: &dyn Chain,
        seal: &Seal,
        tokens: &[Token],
        audit: &mut Audit,
    ) -> Result<(), StepError> {
        let subject = Subject::Batch(self.batch.id);
        let is_final = matches!(self.batch.state, BatchState::Final { .. });
        match chain.minted(self.collection, seal.commitment, At::Head).await? {
            Some(minted) if Some(minted) != seal.owners_hash => {
                audit.find(subject, "it was minted to other owners");
            }
            None if is_final => audit.find(subject, "it is final here, but not minted"),
            _ => {}
        }
        for token in tokens.iter().filter(|token| token.burned_at.is_some()) {
            let Some(id) = token.id() else { continue };
            if chain.token(self.collection, id, At::Head).await?.owner.is_some() {
                audit.find(Subject::Token(token.position), "it is burned here, but not on chain");
            }
        }
        let indexes = tokens.iter().filter_map(|token| Some((token.position, token.index?)));
        let of = (self.batch, self.stream);
        revocations::check(store, chain, of, Some(&indexes.collect()), audit).await
    }
}
