//! What contracts announced, read from logs and believed as far as it decodes.

use alloy::primitives::{B256, Bytes, U64};
use alloy::sol_types::{SolEvent, SolEventInterface as _};
use domain::{Block, ContractEvent, RevocationReason};
use proof::{Address, Hash, TokenId};
use serde::{Deserialize, Serialize};

use super::{Node, NodeError, Tag};
use crate::contract::{AnchorRegistry, BadgeToken};
use crate::{ChainError, ChainEvent};

/// Most blocks that a node is asked about at a time.
const BLOCKS_AT_A_TIME: u64 = 2_000;

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    from_block: U64,
    to_block: U64,
    address: Vec<alloy::primitives::Address>,
    /// By place: `null` for any.
    topics: Vec<Option<Vec<B256>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RpcLog {
    address: alloy::primitives::Address,
    topics: Vec<B256>,
    data: Bytes,
    block_number: U64,
    block_hash: B256,
    log_index: U64,
    #[serde(default)]
    removed: bool,
}

/// Which logs are wanted, by their topics.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// Of a registry.
    Revocations,
    /// Transfers to nobody: the many from nobody are mints.
    Burns,
    /// Of a registry; read by [`Node::announced`] only.
    Anchors,
}

impl Wanted {
    fn topics(self) -> Vec<Option<Vec<B256>>> {
        match self {
            Self::Revocations => vec![Some(vec![
                AnchorRegistry::Revoked::SIGNATURE_HASH,
                AnchorRegistry::Reinstated::SIGNATURE_HASH,
                AnchorRegistry::BatchRevoked::SIGNATURE_HASH,
                AnchorRegistry::BatchReinstated::SIGNATURE_HASH,
            ])],
            Self::Anchors => vec![Some(vec![AnchorRegistry::Anchored::SIGNATURE_HASH])],
            Self::Burns => {
                vec![Some(vec![BadgeToken::Transfer::SIGNATURE_HASH]), None, Some(vec![B256::ZERO])]
            }
        }
    }

    /// `None` unless this is what was asked for, in the one encoding that it has.
    fn read(self, topics: &[B256], data: &[u8]) -> Option<ContractEvent> {
        use AnchorRegistry::AnchorRegistryEvents as Events;
        if let Self::Burns = self {
            let transfer = strict::<BadgeToken::Transfer>(topics, data)?;
            let id = TokenId(transfer.tokenId.to_be_bytes());
            return transfer.to.is_zero().then_some(ContractEvent::Burned { id });
        }
        match Events::decode_raw_log(topics, data).ok()? {
            Events::Revoked(_) => {
                let event = strict::<AnchorRegistry::Revoked>(topics, data)?;
                Some(ContractEvent::Revoked {
                    commitment: Hash(event.commitment.0),
                    indexes: leaf_indexes(&event.indexes)?,
                    reason: reason(event.reason),
                })
            }
            Events::Reinstated(_) => {
                let event = strict::<AnchorRegistry::Reinstated>(topics, data)?;
                let indexes = leaf_indexes(&event.indexes)?;
                Some(ContractEvent::Reinstated { commitment: Hash(event.commitment.0), indexes })
            }
            Events::BatchRevoked(_) => {
                let event = strict::<AnchorRegistry::BatchRevoked>(topics, data)?;
                let commitment = Hash(event.commitment.0);
                Some(ContractEvent::BatchRevoked { commitment, reason: reason(event.reason) })
            }
            Events::BatchReinstated(_) => {
                let event = strict::<AnchorRegistry::BatchReinstated>(topics, data)?;
                Some(ContractEvent::BatchReinstated { commitment: Hash(event.commitment.0) })
            }
            _ => None,
        }
    }
}

/// The event, where topics and data are exactly its encoding.
fn strict<E: SolEvent>(topics: &[B256], data: &[u8]) -> Option<E> {
    let event = E::decode_raw_log_validate(topics.iter().copied(), data).ok()?;
    let again = event.encode_log_data();
    (again.topics() == topics && *again.data == *data).then_some(event)
}

/// The registry refuses larger ones.
fn leaf_indexes(indexes: &[u64]) -> Option<Vec<u32>> {
    indexes.iter().map(|index| u32::try_from(*index).ok()).collect()
}

/// The contract takes any code from whoever may revoke; one that says nothing to us must not halt
/// the reading.
fn reason(code: u8) -> RevocationReason {
    RevocationReason::from_code(code).unwrap_or(RevocationReason::Unspecified)
}

impl Node {
    /// All events in these blocks, from a node that has seen the last of them: one that has not may
    /// answer with nothing.
    pub(super) async fn events(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainEvent>, ChainError> {
        if contracts.is_empty() || from > to {
            return Ok(Vec::new());
        }
        self.has_seen(to).await?;
        let mut events = Vec::new();
        for wanted in [Wanted::Revocations, Wanted::Burns] {
            for log in self.logs(contracts, from, to, wanted).await? {
                let event = read(&log, contracts, from, to, wanted);
                events.push(event.ok_or_else(|| self.not_asked_for())?);
            }
        }
        events.sort_by_key(|(place, _)| *place);
        Ok(events.into_iter().map(|(_, event)| event).collect())
    }

    /// Commitments that a registry announced as anchored in these blocks, from a node that has seen
    /// the last of them.
    pub(super) async fn announced(
        &self,
        registry: Address,
        from: u64,
        to: u64,
    ) -> Result<Vec<Hash>, ChainError> {
        if from > to {
            return Ok(Vec::new());
        }
        self.has_seen(to).await?;
        let mut commitments = Vec::new();
        for log in self.logs(&[registry], from, to, Wanted::Anchors).await? {
            let anchored = strict::<AnchorRegistry::Anchored>(&log.topics, &log.data)
                .filter(|_| log.address.into_array() == registry.0)
                .ok_or_else(|| self.not_asked_for())?;
            commitments.push(Hash(anchored.commitment.0));
        }
        Ok(commitments)
    }

    async fn has_seen(&self, block: u64) -> Result<(), ChainError> {
        let head = self.known_header(Tag::Latest).await?.block.number;
        if head < block {
            return Err(ChainError::Retry(format!("{self}: has no block {block} yet")));
        }
        Ok(())
    }

    fn not_asked_for(&self) -> ChainError {
        ChainError::Retry(format!("{self}: a log that was not asked for"))
    }

    /// A block that one of these events is said to be in, and that is not the node's own of that
    /// number.
    pub(super) async fn unknown_block(
        &self,
        events: &[ChainEvent],
    ) -> Result<Option<Block>, ChainError> {
        let mut blocks: Vec<_> = events.iter().map(|event| event.block).collect();
        blocks.dedup();
        for block in blocks {
            let header = self.header(Tag::Number(block.number)).await?;
            if header.is_none_or(|header| header.block != block) {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Nodes limit blocks and results as they like: a range that one refuses is asked for in halves.
    async fn logs(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
        wanted: Wanted,
    ) -> Result<Vec<RpcLog>, ChainError> {
        let mut found = Vec::new();
        let mut from = from;
        let mut size = BLOCKS_AT_A_TIME;
        while from <= to {
            let end = to.min(from.saturating_add(size - 1));
            match self.logs_of(contracts, from, end, wanted).await {
                Ok(logs) => {
                    found.extend(logs.into_iter().filter(|log| !log.removed));
                    from = end.saturating_add(1);
                }
                Err(NodeError::Answered { .. } | NodeError::TooLong(_)) if from < end => {
                    size = (end - from).div_ceil(2);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    async fn logs_of(
        &self,
        contracts: &[Address],
        from: u64,
        to: u64,
        wanted: Wanted,
    ) -> Result<Vec<RpcLog>, NodeError> {
        let filter = Filter {
            from_block: U64::from(from),
            to_block: U64::from(to),
            address: contracts.iter().map(|contract| contract.0.into()).collect(),
            topics: wanted.topics(),
        };
        self.ask("eth_getLogs", (filter,)).await
    }
}

/// The event with its place (block, log); `None` where the log is not what was asked for.
fn read(
    log: &RpcLog,
    contracts: &[Address],
    from: u64,
    to: u64,
    wanted: Wanted,
) -> Option<((u64, u64), ChainEvent)> {
    let contract = Address(log.address.into_array());
    let number: u64 = log.block_number.to();
    let asked_for = contracts.contains(&contract) && (from..=to).contains(&number);
    let event = wanted.read(&log.topics, &log.data).filter(|_| asked_for)?;
    let block = Block { number, hash: Hash(log.block_hash.0) };
    Some(((number, log.log_index.to()), ChainEvent { contract, block, event }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::U256;
    use proptest::prelude::*;

    const COMMITMENT: Hash = Hash([9; 32]);
    const CONTRACT: Address = Address([7; 20]);

    fn log(event: &impl SolEvent) -> RpcLog {
        let data = event.encode_log_data();
        RpcLog {
            address: CONTRACT.0.into(),
            topics: data.topics().to_vec(),
            data: data.data,
            block_number: U64::from(5),
            block_hash: [5; 32].into(),
            log_index: U64::from(3),
            removed: false,
        }
    }

    fn revoked(indexes: Vec<u64>, reason: u8) -> AnchorRegistry::Revoked {
        let (commitment, revoker) = (COMMITMENT.0.into(), [1; 20].into());
        AnchorRegistry::Revoked { commitment, revoker, reason, indexes }
    }

    fn transfer(to: [u8; 20]) -> BadgeToken::Transfer {
        BadgeToken::Transfer { from: [1; 20].into(), to: to.into(), tokenId: U256::from(77) }
    }

    #[test]
    fn each_event_is_read() {
        let commitment = COMMITMENT;
        let reason = RevocationReason::Superseded;
        let code = reason.code();
        for (log, wanted, event) in [
            (
                log(&revoked(vec![1, 0xffff_fffe], code)),
                Wanted::Revocations,
                ContractEvent::Revoked { commitment, indexes: vec![1, 0xffff_fffe], reason },
            ),
            (
                log(&AnchorRegistry::Reinstated { commitment: [9; 32].into(), indexes: vec![4] }),
                Wanted::Revocations,
                ContractEvent::Reinstated { commitment, indexes: vec![4] },
            ),
            (
                log(&AnchorRegistry::BatchRevoked { commitment: [9; 32].into(), reason: 77 }),
                Wanted::Revocations,
                // a code that means nothing to us
                ContractEvent::BatchRevoked { commitment, reason: RevocationReason::Unspecified },
            ),
            (
                log(&AnchorRegistry::BatchReinstated { commitment: [9; 32].into() }),
                Wanted::Revocations,
                ContractEvent::BatchReinstated { commitment },
            ),
            (
                log(&transfer([0; 20])),
                Wanted::Burns,
                ContractEvent::Burned { id: TokenId(U256::from(77).to_be_bytes()) },
            ),
        ] {
            let (place, read) = read(&log, &[Address([8; 20]), CONTRACT], 5, 5, wanted).unwrap();
            assert_eq!((place, read.contract, read.block.number), ((5, 3), CONTRACT, 5));
            assert_eq!((read.block.hash, read.event), (Hash([5; 32]), event));
        }
    }

    #[test]
    fn what_was_not_asked_for_is_no_event() {
        let whole = || log(&revoked(vec![1], 0));
        let ask =
            |log: &RpcLog, contract, from, to, wanted| read(log, &[contract], from, to, wanted);
        let revocations = Wanted::Revocations;
        assert!(ask(&whole(), CONTRACT, 5, 5, revocations).is_some());
        assert!(ask(&whole(), Address([8; 20]), 5, 5, revocations).is_none());
        assert!(ask(&whole(), CONTRACT, 6, 9, revocations).is_none());
        assert!(ask(&whole(), CONTRACT, 1, 4, revocations).is_none());
        assert!(ask(&whole(), CONTRACT, 5, 5, Wanted::Burns).is_none());
        assert!(ask(&log(&transfer([0; 20])), CONTRACT, 5, 5, revocations).is_none());
        assert!(ask(&log(&transfer([2; 20])), CONTRACT, 5, 5, Wanted::Burns).is_none());
        let paused = AnchorRegistry::Paused { by: [1; 20].into() };
        assert!(ask(&log(&paused), CONTRACT, 5, 5, revocations).is_none());

        let beyond = log(&revoked(vec![1 << 32], 0));
        assert!(ask(&beyond, CONTRACT, 5, 5, revocations).is_none());
        let mut more_topics = whole();
        more_topics.topics.push(B256::ZERO);
        let mut fewer_topics = whole();
        fewer_topics.topics.pop();
        let mut dirty = whole();
        dirty.topics[3].0[0] = 1; // a reason is one byte
        let mut long = whole();
        long.data = [&long.data[..], &[0; 32]].concat().into();
        for odd in [more_topics, fewer_topics, dirty, long] {
            assert!(ask(&odd, CONTRACT, 5, 5, revocations).is_none());
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_another_event_or_none(at: prop::sample::Index, bit in 0_u8..8) {
            let whole = log(&revoked(vec![1, 2, 700], 4));
            let mut bytes: Vec<u8> = whole.topics.concat();
            bytes.extend_from_slice(&whole.data);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let (topics, data) = bytes.split_at(128);
            let topics: Vec<B256> = topics.chunks(32).map(B256::from_slice).collect();
            let before = Wanted::Revocations.read(&whole.topics, &whole.data).unwrap();
            let after = Wanted::Revocations.read(&topics, data);
            // the revoker, 20 bytes of the third topic, is not told
            if (76..96).contains(&at) {
                prop_assert_eq!(after, Some(before));
            } else if let Some(ContractEvent::Revoked { reason: RevocationReason::Unspecified, .. }) = after {
                prop_assert_eq!(at, 127);
            } else {
                prop_assert_ne!(after, Some(before));
            }
        }
    }
}
