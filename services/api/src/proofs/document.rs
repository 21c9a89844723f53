//! From a stored badge to its proof document.

use std::collections::HashMap;

use domain::{BadgeRecord, Batch, BatchId, MintState, Token};
use proof::{
    AnchorHint, BadgeRef, EvmHash, Hash, Inclusion, ProofDocument, Tile, TileId, TokenInclusion,
    TokenRef, path_from_tiles, tiles_for_path,
};

use crate::problem::{Answer, Problem};
use crate::receipts::Facts;
use crate::service::Service;

/// Tiles kept between the documents of one request: neighbours share them.
const MAX_TILES: usize = 64;

/// Makes documents, reading each tile once.
pub(crate) struct Documents<'s> {
    service: &'s Service,
    tiles: HashMap<(BatchId, TileId), Tile>,
}

/// Whether a document carries the receipt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithReceipt {
    /// For whoever was promised something.
    Yes,
    /// For strangers who hold the badge.
    No,
}

impl<'s> Documents<'s> {
    pub(crate) fn new(service: &'s Service) -> Self {
        Self { service, tiles: HashMap::new() }
    }

    /// The document of a badge, as far as it has come.
    pub(crate) async fn of(
        &mut self,
        record: &BadgeRecord,
        receipt: WithReceipt,
    ) -> Answer<ProofDocument> {
        let facts = Facts::of_record(record);
        let anchors = record.batch.as_ref().and_then(|batch| batch.inclusion());
        let anchors: Vec<_> =
            anchors.map(|inclusion| anchor(record, inclusion)).into_iter().collect();
        let document = ProofDocument {
            badge: BadgeRef {
                rule: record.rule,
                digest: record.digest,
                issuer: record.identifier.clone(),
                salt: record.salt,
            },
            inclusion: self.inclusion(record).await?,
            deadline_at: anchors.is_empty().then(|| record.deadline_at()),
            anchors,
            token: self.token(record).await?,
            receipt: (receipt == WithReceipt::Yes)
                .then(|| self.service.state.receipt_key.issue(facts.promise())),
        };
        let sealed = record.batch.as_ref().and_then(Batch::seal).map(|seal| seal.commitment);
        if document.computed().ok().map(|computed| computed.commitment) != sealed {
            return Err(Problem::corrupt("a badge does not lead to its batch's commitment"));
        }
        match document.computed_token() {
            Some(Err(error)) => Err(Problem::corrupt(&error.to_string())),
            Some(Ok(_)) | None => Ok(document),
        }
    }

    async fn inclusion(&mut self, record: &BadgeRecord) -> Answer<Option<Inclusion>> {
        let Some(batch) = &record.batch else { return Ok(None) };
        let Some(seal) = batch.seal() else { return Ok(None) };
        let index = record.position.distance_from(batch.first);
        let path = self.path(batch, index, seal.size).await?;
        let blockcerts_root = Some(seal.blockcerts_root).filter(|root| *root != Hash::ZERO);
        Ok(Some(Inclusion { index, tree_size: seal.size, path, blockcerts_root }))
    }

    /// The badge's token, once it was seen on chain and while it stands.
    async fn token(&mut self, record: &BadgeRecord) -> Answer<Option<TokenRef>> {
        let tokens = self.service.store().tokens(record.position).await?;
        let stands = |token: &Token| {
            token.replaced_at.is_none()
                && matches!(token.state(), MintState::Included | MintState::Minted)
        };
        let Some(token) = tokens.first().filter(|token| stands(token)) else { return Ok(None) };
        let (Some(batch), Some(id), Some(index), Some(salt), Some(contract)) =
            (&token.batch, token.id(), token.index, token.salt, token.stream.kind.collection())
        else {
            let what = "a badge's token on chain without batch, id, salt or collection";
            return Err(Problem::corrupt(what));
        };
        let Some(seal) = batch.seal() else { return Ok(None) };
        let index = u64::from(index);
        let path = self.path(batch, index, seal.size).await?;
        Ok(Some(TokenRef {
            chain_id: token.stream.chain_id,
            contract,
            id,
            salt,
            owner: token.owner,
            inclusion: TokenInclusion { index, tree_size: seal.size, path },
        }))
    }

    /// The siblings of a leaf.
    async fn path(&mut self, batch: &Batch, index: u64, size: u64) -> Answer<Vec<Hash>> {
        let needed = tiles_for_path(index, size)
            .map_err(|_| Problem::corrupt("a badge is outside its batch"))?;
        if self.tiles.len() + needed.len() > MAX_TILES {
            self.tiles.clear();
        }
        for id in needed {
            if !self.tiles.contains_key(&(batch.id, id))
                && let Some(tile) = self.service.store().tile(batch.id, id).await?
            {
                self.tiles.insert((batch.id, id), tile);
            }
        }
        let path = path_from_tiles(index, size, |id| self.tiles.get(&(batch.id, id)).cloned());
        path.map_err(|error| Problem::corrupt(&error.to_string()))
    }
}

fn anchor(record: &BadgeRecord, inclusion: &domain::Inclusion) -> AnchorHint {
    AnchorHint {
        transaction: inclusion.transaction.map(|hash| EvmHash(hash.0)),
        block_number: Some(inclusion.block_number),
        block_hash: Some(EvmHash(inclusion.block_hash.0)),
        block_time: Some(inclusion.block_time),
        ..AnchorHint::new(record.stream.chain_id, record.stream.registry)
    }
}
