//! What must hold in the end, read from anvil itself, past the proxies.

use std::collections::BTreeSet;

use chain::{At, Chain as _};
use domain::{BadgeState, Clock as _};
use proof::{Hash, commitment, inclusion_root};
use serde_json::{Value, json};

use super::world::World;

impl World {
    /// What was promised is kept: each badge's leaf leads to one commitment, which is on chain by the
    /// deadline and was announced once; the signer made no transaction that is not stored, but for
    /// `foreign` ones; and the auditor agrees.
    pub(super) async fn assert_kept(&self, foreign: usize) {
        let mut commitments = BTreeSet::new();
        for position in &self.accepted {
            let record = self.store.badge(*position).await.unwrap().unwrap();
            assert_eq!(record.state(), BadgeState::Final, "badge {position}");
            let batch = record.batch.as_ref().unwrap();
            let size = batch.seal().unwrap().size;
            let index = position.distance_from(batch.first);
            let mut tiles = Vec::new();
            for id in proof::tiles_for_path(index, size).unwrap() {
                tiles.push(self.store.tile(batch.id, id).await.unwrap().unwrap());
            }
            let path = proof::path_from_tiles(index, size, |id| {
                tiles.iter().find(|tile| tile.id == id).cloned()
            });
            let leaf = record.entry().leaf();
            let root = inclusion_root(leaf, index, size, &path.unwrap()).unwrap();
            let commitment = commitment(size, root, Hash::ZERO);
            let fact = self.direct.anchored(self.stream.registry, commitment, At::Head).await;
            let fact = fact.unwrap().expect("the commitment is on chain");
            assert!(fact.time <= record.deadline_at(), "badge {position} is late");
            assert!(fact.time <= self.direct.finalized().await.unwrap().time);
            let inclusion = *batch.inclusion().unwrap();
            assert_eq!(inclusion.block_time, fact.time);
            let header = self.direct.header(inclusion.block_number).await.unwrap().unwrap();
            assert_eq!(header.block.hash, inclusion.block_hash, "the proof's block is canonical");
            commitments.insert(commitment.to_string());
        }
        for commitment in &commitments {
            assert_eq!(self.announced(commitment).await, 1, "{commitment}");
        }
        self.assert_wire_is_known(foreign).await;
        let now = self.clock.now();
        let audit = worker::audit::audit(self.store.as_ref(), Some(&self.direct), now).await;
        let audit = audit.unwrap();
        assert!(audit.is_clean(), "{:#?}", audit.findings);
    }

    /// How often the registry announced this commitment.
    async fn announced(&self, commitment: &str) -> usize {
        let filter = json!({
            "fromBlock": "0x0",
            "toBlock": "latest",
            "address": self.stream.registry.to_string(),
            "topics": [null, format!("0x{commitment}")],
        });
        let logs = self.node.rpc("eth_getLogs", json!([filter])).await;
        logs.as_array().unwrap().len()
    }

    /// Each of the signer's transactions on chain was stored before it was sent.
    async fn assert_wire_is_known(&self, foreign: usize) {
        let stored = self.store.transactions(self.signer.id, 0, 1000).await.unwrap();
        let attempts = stored.iter().flat_map(|record| &record.attempts);
        let known: BTreeSet<_> = attempts.map(|row| format!("0x{}", row.attempt.hash)).collect();
        let signer = self.signer.address.to_string().to_lowercase();
        let head = self.direct.head().await.unwrap().block.number;
        let mut unknown = Vec::new();
        for number in self.first_block..=head {
            let number = format!("{number:#x}");
            let block = self.node.rpc("eth_getBlockByNumber", json!([number, true])).await;
            for transaction in block["transactions"].as_array().unwrap() {
                let text = |member: &str| transaction[member].as_str().unwrap().to_lowercase();
                if text("from") == signer && !known.contains(&text("hash")) {
                    unknown.push(Value::from(text("hash")));
                }
            }
        }
        assert_eq!(unknown.len(), foreign, "on chain and not in the database: {unknown:?}");
    }
}
