//! Which transactions to tend, and which to begin.

use domain::{
    Attempt, BatchId, BatchState, Decision, Due, Effect, Fees, LiveTransaction, Observation,
    StreamKind,
};
use proof::Timestamp;
use store::{SignerView, WaitingBatch};

use super::SigningStep;
use crate::{Answer, Delivery, FeeView, Policy, View};

/// Between two sendings of bytes of which no node said that it has them.
const RESEND_AFTER_MS: i64 = 5_000;
/// Between two looks at a mint that was found to be blocked: nobody was promised it, a full
/// collection stays full, and a chain may make a block each second.
const RETRY_MINT_AFTER_MS: i64 = 60_000;

/// Steps of a round: live transactions in the order of their nonces, one step each, then new ones
/// while there is room: anchors first, whose promise is the service's; then revocations; then
/// mints, the nearest deadline first within each kind. Nonces are mined in order, so what begins
/// last holds up nothing that waits now, and the slot that mints leave free is there for the anchor
/// that comes next. What waits for cheaper blocks begins nothing.
#[must_use]
pub fn plan_signing(view: View<'_>, policy: &Policy) -> Vec<SigningStep> {
    let live = &view.signer.live;
    let urgencies = urgencies(view.signer, policy);
    let mut steps: Vec<_> = live
        .iter()
        .zip(urgencies)
        .filter_map(|(live, urgency)| tend(live, urgency, view, policy))
        .collect();
    let sends = |waiting: &&WaitingBatch| {
        sending(view.now, waiting, policy, view.fees, Some(view.chain.fees.base_fee)).sends()
    };
    let waiting = || view.signer.waiting.iter().filter(sends);
    let anchors = waiting().filter(|waiting| waiting.stream.kind == StreamKind::Anchor);
    let anchors = anchors.filter(|waiting| is_ready(waiting.batch.id, 0, view));
    let anchors = anchors.map(|WaitingBatch { batch, stream }| SigningStep::Anchor {
        batch: batch.clone(),
        registry: stream.registry,
    });
    let revocations = view.signer.revocations.iter();
    let revocations = revocations.filter(|job| is_ready(job.batch, 0, view));
    let revocations = revocations.map(|job| SigningStep::Revoke { job: job.clone() });
    let mints = waiting().filter(|waiting| is_ready(waiting.batch.id, RETRY_MINT_AFTER_MS, view));
    let mut mints: Vec<_> = mints
        .filter_map(|WaitingBatch { batch, stream }| Some((stream.kind.collection()?, batch)))
        .collect();
    // those of a full or paused collection must not take the turn of another's
    mints.sort_by_key(|(_, batch)| matches!(batch.state, BatchState::Blocked { .. }));
    let mints = mints
        .into_iter()
        .map(|(collection, batch)| SigningStep::Mint { batch: batch.clone(), collection });
    let room = policy.max_live.saturating_sub(live.len());
    let begun: Vec<_> = anchors.chain(revocations).take(room).collect();
    let room_for_mints = mint_slots(policy).saturating_sub(live.len() + begun.len());
    steps.extend(begun);
    steps.extend(mints.take(room_for_mints));
    steps
}

/// How many live transactions there may be for a mint to begin: one less than in all, unless a
/// signer has one at a time.
const fn mint_slots(policy: &Policy) -> usize {
    if policy.max_live > 1 { policy.max_live - 1 } else { policy.max_live }
}

/// What was found to be blocked is looked at again with a new block, `after_ms` later at the earliest.
fn is_ready(batch: BatchId, after_ms: i64, view: View<'_>) -> bool {
    view.pacing.blocked.get(&batch).is_none_or(|look| {
        look.head != view.chain.head.block && view.now.since(look.at) >= after_ms
    })
}

/// Whether a sealed batch is sent now, as far as fees go. `base_fee` in wei per gas, when known.
#[must_use]
pub fn sending(
    now: Timestamp,
    waiting: &WaitingBatch,
    policy: &Policy,
    fees: &FeeView,
    base_fee: Option<u128>,
) -> Decision {
    let age = waiting.stream.promise_ms.saturating_sub(waiting.batch.deadline_at.since(now));
    policy.timing(waiting.stream.kind).decide(age, base_fee, &fees.outlook)
}

/// For each live transaction the earliest deadline that depends on it, and when the cap begins to rise
/// for it: its own, or those of what can only be mined after it.
fn urgencies(signer: &SignerView, policy: &Policy) -> Vec<Due> {
    let waiting = signer.waiting.iter().filter(|waiting| {
        // a blocked mint waits for its collection, not for a nonce, and may do so for weeks
        let mint = waiting.stream.kind != StreamKind::Anchor;
        !(mint && matches!(waiting.batch.state, BatchState::Blocked { .. }))
    });
    let behind =
        waiting.map(|waiting| policy.timing(waiting.stream.kind).due(waiting.batch.deadline_at));
    let mut earliest = behind.reduce(sooner);
    let mut urgencies: Vec<_> = signer
        .live
        .iter()
        .rev()
        .map(|live| {
            let own = policy.due(live.purpose, live.deadline_at);
            *earliest.insert(earliest.map_or(own, |behind| sooner(behind, own)))
        })
        .collect();
    urgencies.reverse();
    urgencies
}

fn sooner(one: Due, other: Due) -> Due {
    Due {
        deadline_at: one.deadline_at.min(other.deadline_at),
        rises_at: one.rises_at.min(other.rises_at),
    }
}

/// What to do now for one live transaction.
fn tend(live: &LiveTransaction, due: Due, view: View<'_>, policy: &Policy) -> Option<SigningStep> {
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
        Some(Effect::Pending) if delivery.is_none_or(|delivery| is_due(delivery, view)) => {
            Some(match raise(newest, due, delivery, view, policy) {
                Some(fees) => SigningStep::Bump { transaction, fees },
                None => SigningStep::Send { transaction },
            })
        }
        _ => None,
    }
}

/// Once a block, and soon again where nobody said that the bytes arrived.
fn is_due(delivery: &Delivery, view: View<'_>) -> bool {
    let unclear = delivery.answer == Answer::Unclear;
    delivery.head != view.chain.head.block
        || (unclear && view.now.since(delivery.at) >= RESEND_AFTER_MS)
}

/// The fees of the next attempt, when one is due and the cap allows it.
fn raise(
    newest: &Attempt,
    due: Due,
    delivery: Option<&Delivery>,
    view: View<'_>,
    policy: &Policy,
) -> Option<Fees> {
    let waited = view.chain.head.block.number.saturating_sub(newest.created_block);
    let refused = delivery.is_some_and(|delivery| delivery.answer == Answer::Underpriced);
    if waited < policy.fees.bump_after_blocks && !(refused && waited > 0) {
        return None;
    }
    let cap = policy.fees.cap(view.now, due, view.fees.usual_cap);
    policy.fees.bump(newest.fees, view.chain.fees, cap)
}

#[cfg(test)]
mod tests;
