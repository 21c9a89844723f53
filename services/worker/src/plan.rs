//! Decisions, pure: from what is known now to the steps of one round.

use domain::{
    Attempt, Batch, Effect, Fees, LiveTransaction, Observation, Position, SealReason, StreamId,
    StreamView,
};
use proof::{Address, Timestamp};
use store::RevocationJob;

use crate::{Delivery, Policy, View};

/// A step of sealing; needs no lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealingStep {
    /// Cut open badges into a batch.
    Cut { stream: StreamId, from: Position, end: Position, reason: SealReason },
    /// Build the tiles of a cut batch and seal it.
    Build { batch: Batch },
}

/// A step of anchoring; needs the signer's lease.
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
}

/// Sealing steps of a round: unfinished batches first, then new cuts.
#[must_use]
pub fn plan_sealing(now: Timestamp, streams: &[StreamView], policy: &Policy) -> Vec<SealingStep> {
    let mut steps = Vec::new();
    for view in streams {
        steps.extend(view.cut.iter().cloned().map(|batch| SealingStep::Build { batch }));
        if let Some((reason, count)) = policy.seal.due(now, view) {
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

/// Anchoring steps of a round: live transactions in the order of their nonces, one step each, then
/// new ones while there is room.
#[must_use]
pub fn plan_signing(view: View<'_>, policy: &Policy) -> Vec<SigningStep> {
    let live = &view.signer.live;
    let mut steps: Vec<_> = live.iter().filter_map(|live| tend(live, view, policy)).collect();
    let head = view.chain.head.block;
    let ready = view.signer.waiting.iter().filter(|(batch, _)| {
        // a blocked batch is tried again with each block
        view.pacing.blocked.get(&batch.id) != Some(&head)
    });
    let anchors = ready
        .map(|(batch, registry)| SigningStep::Anchor { batch: batch.clone(), registry: *registry });
    let revocations = view.signer.revocations.iter().filter(|job| {
        view.pacing.blocked.get(&job.batch) != Some(&head)
    });
    let revocations = revocations.map(|job| SigningStep::Revoke { job: job.clone() });
    let room = policy.max_live.saturating_sub(live.len());
    steps.extend(anchors.chain(revocations).take(room));
    steps
}

/// What to do now for one live transaction.
fn tend(live: &LiveTransaction, view: View<'_>, policy: &Policy) -> Option<SigningStep> {
    let head = view.chain.head.block;
    let transaction = live.clone();
    let newest = live.attempts.last()?;
    let delivery = view.pacing.delivered.get(&newest.hash);
    if live.observation.is_none() && delivery.is_none() {
        return Some(SigningStep::Send { transaction });
    }
    let seen = live.observation.as_ref();
    if let Some(Observation { at, effect: Effect::Present { .. } | Effect::Burned, .. }) = seen
        && at.number <= view.chain.finalized.block.number
    {
        return Some(SigningStep::Conclude { transaction });
    }
    if view.pacing.observed.get(&live.id) != Some(&head) {
        return Some(SigningStep::Observe { transaction });
    }
    match seen.map(|observation| observation.effect) {
        Some(Effect::Pending) if delivery.is_none_or(|delivery| delivery.head != head) => {
            Some(match raise(live, newest, delivery, view, policy) {
                Some(fees) => SigningStep::Bump { transaction, fees },
                None => SigningStep::Send { transaction },
            })
        }
        _ => None,
    }
}

/// The fees of the next attempt, when one is due and the cap allows it.
fn raise(
    live: &LiveTransaction,
    newest: &Attempt,
    delivery: Option<&Delivery>,
    view: View<'_>,
    policy: &Policy,
) -> Option<Fees> {
    let waited = view.chain.head.block.number.saturating_sub(newest.created_block);
    let refused = delivery.is_some_and(|delivery| delivery.underpriced);
    if waited < policy.fees.bump_after_blocks && !(refused && waited > 0) {
        return None;
    }
    let cap = policy.fees.cap(view.now, live.deadline_at);
    policy.fees.bump(newest.fees, view.chain.fees, cap)
}
