//! How full the collections are, so that the next volume is opened in time.

use chain::Chain;
use domain::{Collection, MAX_COLLECTION_BATCHES, NEARLY_FULL_COLLECTION_BATCHES};
use proof::Timestamp;

use crate::StepError;

/// Between two looks, in milliseconds. A collection fills over months.
const LOOK_EVERY_MS: i64 = 600_000;

/// When the collections were counted last.
#[derive(Debug, Default)]
pub(super) struct Capacity {
    counted_at: Option<Timestamp>,
}

impl Capacity {
    /// Counts the batches of the volumes in use, when it is time.
    pub(super) async fn look(
        &mut self,
        chain: &dyn Chain,
        collections: &[&Collection],
        now: Timestamp,
    ) -> Result<(), StepError> {
        if self.counted_at.is_some_and(|at| (0..LOOK_EVERY_MS).contains(&now.since(at))) {
            return Ok(());
        }
        let mut nearly_full = 0_u32;
        for collection in in_use(collections) {
            let Some(contract) = collection.stream.kind.collection() else { continue };
            let batches = chain.batch_count(contract).await?;
            let labels = [("collection", contract.to_string())];
            metrics::gauge!("ingam_collection_batches", &labels).set(batches as f64);
            if batches >= NEARLY_FULL_COLLECTION_BATCHES {
                nearly_full += 1;
                tracing::warn!(
                    %contract, volume = collection.volume, batches, most = MAX_COLLECTION_BATCHES,
                    "the collection is nearly full: open the next volume"
                );
            }
        }
        metrics::gauge!("ingam_collections_nearly_full").set(f64::from(nearly_full));
        self.counted_at = Some(now);
        Ok(())
    }
}

/// The newest volume of each issuer and registry; earlier ones are full, as they should be.
fn in_use<'a>(collections: &[&'a Collection]) -> Vec<&'a Collection> {
    let newer = |one: &Collection, other: &Collection| {
        (one.issuer, one.stream.registry) == (other.issuer, other.stream.registry)
            && other.volume > one.volume
    };
    let newest = |one: &&&Collection| !collections.iter().any(|other| newer(one, other));
    collections.iter().filter(newest).copied().collect()
}

#[cfg(test)]
mod tests {
    use domain::{CollectionId, IssuerId, Stream, StreamId, StreamKind};
    use proof::{Address, Hash};

    use super::*;

    fn collection(id: i32, issuer: Option<i32>, volume: i32) -> Collection {
        let collection = Address([u8::try_from(id).unwrap(); 20]);
        Collection {
            id: CollectionId(id),
            stream: Stream {
                id: StreamId(1),
                chain_id: 1,
                registry: Address::default(),
                service: "test".into(),
                kind: StreamKind::Mint { collection },
                shard: 0,
                promise_ms: 1,
            },
            issuer: issuer.map(IssuerId),
            volume,
            from_block: 0,
            code_hash: Hash::ZERO,
            created_at: Timestamp::default(),
        }
    }

    #[test]
    fn only_the_newest_volume_of_an_issuer_may_be_too_full() {
        let all = [
            collection(1, None, 1),
            collection(2, Some(7), 1),
            collection(3, None, 2),
            collection(4, Some(8), 1),
            collection(5, Some(7), 2),
        ];
        let all: Vec<_> = all.iter().collect();
        let ids: Vec<_> = in_use(&all).iter().map(|collection| collection.id.0).collect();
        assert_eq!(ids, [3, 4, 5]);
    }
}
