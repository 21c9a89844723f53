//! Decisions, pure: from what is known now to the steps of one round.

mod signing;

use domain::{
    Batch, Decision, Fees, LiveTransaction, MAX_MINT_BATCH, Position, SealReason, StreamId,
    StreamKind, StreamView,
};
use proof::{Address, Timestamp};
use store::RevocationJob;

pub use signing::{plan_signing, sending};

use crate::{FeeView, Policy};

/// A step of sealing; needs no lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealingStep {
    /// Cut open badges, or open mint requests, into a batch.
    Cut { stream: StreamId, from: Position, end: Position, reason: SealReason },
    /// Build the tiles of a cut batch of badges and seal it.
    Build { batch: Box<Batch> },
    /// The same for a cut batch of mint requests.
    BuildMint { batch: Box<Batch> },
}

/// A step of anchoring and minting; needs the signer's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SigningStep {
    /// Read effect and nonce at the head.
    Observe { transaction: LiveTransaction },
    /// The observed block is final: confirm or requeue.
    Conclude { transaction: LiveTransaction },
    /// Store an attempt that pays more, then send it.
    Bump { transaction: LiveTransaction, fees: Fees },
    /// Send the newest stored attempt (again).
    Send { transaction: LiveTransaction },
    /// Take a nonce for a sealed batch and store the signed transaction, then send it.
    Anchor { batch: Batch, registry: Address },
    /// The same for revocations.
    Revoke { job: RevocationJob },
    /// The same for a sealed batch of tokens.
    Mint { batch: Batch, collection: Address },
}

/// Whether badges that are open in a stream would be sent at once, were they cut now. `base_fee` in wei
/// per gas, when known.
#[must_use]
pub fn gathering(
    now: Timestamp,
    view: &StreamView,
    policy: &Policy,
    fees: &FeeView,
    base_fee: Option<u128>,
) -> Decision {
    let last = match view.stream.kind {
        StreamKind::Anchor => fees.last_anchor,
        StreamKind::Mint { .. } => fees.last_mint,
    };
    policy.timing(view.stream.kind).gather(now, view, base_fee, &fees.outlook, last)
}

/// Sealing steps of a round: unfinished batches first, then new cuts.
#[must_use]
pub fn plan_sealing(
    now: Timestamp,
    streams: &[StreamView],
    policy: &Policy,
    fees: &FeeView,
    base_fee: Option<u128>,
) -> Vec<SealingStep> {
    let mut steps = Vec::new();
    for view in streams {
        let decision = gathering(now, view, policy, fees, base_fee);
        let unfinished = view.cut.iter().cloned().map(Box::new);
        let (due, build): (_, fn(Box<Batch>) -> SealingStep) = match view.stream.kind {
            StreamKind::Anchor => {
                (policy.seal.due(now, view, &decision), |batch| SealingStep::Build { batch })
            }
            StreamKind::Mint { .. } => {
                // whatever is configured: a contract takes no more owners
                let due = policy.mint_seal.due(now, view, &decision);
                let due = due.map(|(reason, count)| (reason, count.min(MAX_MINT_BATCH)));
                (due, |batch| SealingStep::BuildMint { batch })
            }
        };
        steps.extend(unfinished.map(build));
        if let Some((reason, count)) = due {
            let from = view.open_from;
            steps.push(SealingStep::Cut {
                stream: view.stream.id,
                from,
                end: from.plus(count),
                reason,
            });
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use domain::{FeePolicy, OnCap, SealPolicy, SendTiming, Stream};

    use super::*;

    #[test]
    fn mint_requests_have_limits_of_their_own() {
        let seal = |due_count, max_count| SealPolicy {
            due_count,
            max_count,
            max_age_ms: 1_000,
            deadline_lead_ms: 0,
        };
        let fees = FeePolicy {
            usual_cap: 1,
            budget_cap: 1,
            hard_cap: 1,
            max_priority_fee: 1,
            escalate_before_ms: 1,
            decide_before_ms: 1,
            on_cap: OnCap::BreachPromise,
            bump_after_blocks: 1,
        };
        let policy = Policy {
            seal: seal(2_000, 3_000),
            mint_seal: seal(256, 5_000),
            fees,
            anchor_timing: SendTiming::at_once(1),
            mint_timing: SendTiming::at_once(1),
            max_live: 2,
        };
        let fees = FeeView::default();
        let plan = |kind, open| {
            let first = Position::first_of(StreamId(1));
            let view = StreamView {
                stream: Stream {
                    id: StreamId(1),
                    chain_id: 1,
                    registry: Address::default(),
                    service: "test".into(),
                    kind,
                    shard: 0,
                    promise_ms: 1,
                },
                open_from: first,
                next: first.plus(open),
                open_since: Some(Timestamp::default()),
                open_deadline_at: Some(Timestamp::default().plus_millis(1_000_000)),
                cut: Vec::new(),
            };
            let steps = plan_sealing(Timestamp::default(), &[view], &policy, &fees, None);
            let size = |step: &SealingStep| match step {
                SealingStep::Cut { from, end, .. } => end.distance_from(*from),
                _ => 0,
            };
            steps.iter().map(size).collect::<Vec<_>>()
        };
        let mint = StreamKind::Mint { collection: Address([7; 20]) };
        assert!(plan(mint, 255).is_empty());
        assert_eq!(plan(mint, 256), [256]);
        assert_eq!(plan(mint, 1_999), [MAX_MINT_BATCH]);
        assert!(plan(StreamKind::Anchor, 1_999).is_empty());
        assert_eq!(plan(StreamKind::Anchor, 4_000), [3_000]);
    }
}
