//! Of several events about the same thing, the one that says how it stands.

use std::collections::HashMap;

use chain::ChainEvent;
use domain::ContractEvent;
use proof::{Hash, TokenId};

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Token(TokenId),
    Leaf(Hash, u32),
    Batch(Hash),
}

impl Subject {
    /// All that an event speaks of.
    pub(super) fn of(event: &ContractEvent) -> Vec<Self> {
        match event {
            ContractEvent::Burned { id } => vec![Self::Token(*id)],
            ContractEvent::Revoked { commitment, indexes, .. }
            | ContractEvent::Reinstated { commitment, indexes } => {
                indexes.iter().map(|index| Self::Leaf(*commitment, *index)).collect()
            }
            ContractEvent::BatchRevoked { commitment, .. }
            | ContractEvent::BatchReinstated { commitment } => {
                vec![Self::Batch(*commitment)]
            }
        }
    }
}

/// Whether it takes something away, rather than giving it back.
pub(super) const fn takes(event: &ContractEvent) -> bool {
    match event {
        ContractEvent::Burned { .. }
        | ContractEvent::Revoked { .. }
        | ContractEvent::BatchRevoked { .. } => true,
        ContractEvent::Reinstated { .. } | ContractEvent::BatchReinstated { .. } => false,
    }
}

/// The events in force at the end, in their order, each with the leaves of which it is the word in
/// force. A repetition changes nothing on chain, so the first of its kind counts.
pub(super) fn last_words(events: Vec<ChainEvent>) -> Vec<ChainEvent> {
    let mut in_force: HashMap<Subject, usize> = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        for subject in Subject::of(&event.event) {
            let standing = in_force.entry(subject).or_insert(at);
            if takes(&events[*standing].event) != takes(&event.event) {
                *standing = at;
            }
        }
    }
    let numbered = events.into_iter().enumerate();
    numbered
        .filter_map(|(at, event)| {
            let counts = |subject: &Subject| in_force.get(subject) == Some(&at);
            let leaves: Vec<_> = Subject::of(&event.event).into_iter().filter(counts).collect();
            let event = ChainEvent { event: narrowed(event.event, &leaves)?, ..event };
            Some(event)
        })
        .collect()
}

/// The event about these subjects only; `None` for none.
pub(super) fn narrowed(mut event: ContractEvent, to: &[Subject]) -> Option<ContractEvent> {
    if let ContractEvent::Revoked { indexes, .. } | ContractEvent::Reinstated { indexes, .. } =
        &mut event
    {
        *indexes = to
            .iter()
            .filter_map(|subject| match subject {
                Subject::Leaf(_, index) => Some(*index),
                Subject::Token(_) | Subject::Batch(_) => None,
            })
            .collect();
    }
    (!to.is_empty()).then_some(event)
}

#[cfg(test)]
mod tests {
    use domain::{Block, RevocationReason};
    use proof::Address;

    use super::*;

    const BATCH: Hash = Hash([1; 32]);

    fn at(number: u64, event: ContractEvent) -> ChainEvent {
        let block = Block { number, hash: Hash::of(&[&number.to_be_bytes()]) };
        ChainEvent { contract: Address::default(), block, event }
    }

    fn revoked(indexes: &[u32]) -> ContractEvent {
        let reason = RevocationReason::Unspecified;
        ContractEvent::Revoked { commitment: BATCH, indexes: indexes.to_vec(), reason }
    }

    fn reinstated(indexes: &[u32]) -> ContractEvent {
        ContractEvent::Reinstated { commitment: BATCH, indexes: indexes.to_vec() }
    }

    #[test]
    fn the_last_word_on_each_leaf_stands() {
        let events = vec![
            at(1, revoked(&[1, 2, 3])),
            at(2, reinstated(&[2, 3])),
            at(3, revoked(&[3, 1])),
            at(4, reinstated(&[9])),
        ];
        let expected = [
            at(1, revoked(&[1])), // the repetition in block 3 changes nothing
            at(2, reinstated(&[2])),
            at(3, revoked(&[3])),
            at(4, reinstated(&[9])),
        ];
        assert_eq!(last_words(events), expected);
    }

    #[test]
    fn batches_leaves_and_tokens_are_things_of_their_own() {
        let reason = RevocationReason::Unspecified;
        let token = TokenId([7; 32]);
        let events = vec![
            at(1, revoked(&[1])),
            at(2, ContractEvent::BatchRevoked { commitment: BATCH, reason }),
            at(3, ContractEvent::Burned { id: token }),
            at(4, ContractEvent::BatchReinstated { commitment: BATCH }),
            at(5, ContractEvent::Burned { id: token }),
        ];
        let kept: Vec<_> = last_words(events).iter().map(|event| event.block.number).collect();
        assert_eq!(kept, [1, 3, 4]);
    }

    #[test]
    fn an_event_about_nothing_is_dropped() {
        assert_eq!(last_words(vec![at(1, revoked(&[]))]), []);
    }
}
