//! Decisions, pure: from what is known now to the steps of one round.

use domain::{
    Attempt, Batch, Effect, Fees, LiveTransaction, Observation, Position, SealReason, StreamId,
    StreamView,
};
use proof::{Address, Timestamp};
use store::{RevocationJob, SignerView};

use crate::{Answer, Delivery, Policy, View};

/// Between two sendings of bytes of which no node said that it has them.
const RESEND_AFTER_MS: i64 = 5_000;

/// A step of sealing; needs no lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealingStep {
    /// Cut open badges into a batch.
    Cut { stream: StreamId, from: Position, end: Position, reason: SealReason },
    /// Build the tiles of a cut batch and seal it.
    Build { batch: Box<Batch> },
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
        let unfinished = view.cut.iter().cloned().map(Box::new);
        steps.extend(unfinished.map(|batch| SealingStep::Build { batch }));
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
    let urgencies = urgencies(view.signer);
    let mut steps: Vec<_> = live
        .iter()
        .zip(urgencies)
        .filter_map(|(live, urgency)| tend(live, urgency, view, policy))
        .collect();
    let head = view.chain.head.block;
    let ready = view.signer.waiting.iter().filter(|(batch, _)| {
        // a blocked batch is tried again with each block
        view.pacing.blocked.get(&batch.id) != Some(&head)
    });
    let anchors = ready
        .map(|(batch, registry)| SigningStep::Anchor { batch: batch.clone(), registry: *registry });
    let revocations = view
        .signer
        .revocations
        .iter()
        .filter(|job| view.pacing.blocked.get(&job.batch) != Some(&head));
    let revocations = revocations.map(|job| SigningStep::Revoke { job: job.clone() });
    let room = policy.max_live.saturating_sub(live.len());
    steps.extend(anchors.chain(revocations).take(room));
    steps
}

/// For each live transaction the earliest deadline that depends on it: its own, or that of one that
/// can only be mined after it.
fn urgencies(signer: &SignerView) -> Vec<Timestamp> {
    let behind = signer.waiting.iter().map(|(batch, _)| batch.deadline_at).min();
    let mut earliest = behind;
    let mut urgencies: Vec<_> = signer
        .live
        .iter()
        .rev()
        .map(|live| {
            let own = live.deadline_at;
            *earliest.insert(earliest.map_or(own, |behind| behind.min(own)))
        })
        .collect();
    urgencies.reverse();
    urgencies
}

/// What to do now for one live transaction.
fn tend(
    live: &LiveTransaction,
    deadline_at: Timestamp,
    view: View<'_>,
    policy: &Policy,
) -> Option<SigningStep> {
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
            Some(match raise(newest, deadline_at, delivery, view, policy) {
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
    deadline_at: Timestamp,
    delivery: Option<&Delivery>,
    view: View<'_>,
    policy: &Policy,
) -> Option<Fees> {
    let waited = view.chain.head.block.number.saturating_sub(newest.created_block);
    let refused = delivery.is_some_and(|delivery| delivery.answer == Answer::Underpriced);
    if waited < policy.fees.bump_after_blocks && !(refused && waited > 0) {
        return None;
    }
    let cap = policy.fees.cap(view.now, deadline_at);
    policy.fees.bump(newest.fees, view.chain.fees, cap)
}

#[cfg(test)]
mod tests {
    use chain::Header;
    use domain::{
        BatchId, Block, FeePolicy, FeeQuote, Inclusion, OnCap, Purpose, SealPolicy, Signer,
        SignerId, TransactionId,
    };
    use proof::Hash;

    use super::*;
    use crate::{ChainView, Pacing};

    const POLICY: Policy = Policy {
        seal: SealPolicy { max_count: 10, max_age_ms: 1, deadline_lead_ms: 1 },
        fees: FeePolicy {
            usual_cap: 1_000,
            budget_cap: 10_000,
            hard_cap: 20_000,
            max_priority_fee: 10,
            escalate_before_ms: 1_000,
            decide_before_ms: 100,
            on_cap: OnCap::BreachPromise,
            bump_after_blocks: 5,
        },
        max_live: 4,
    };

    fn block(number: u64) -> Block {
        Block { number, hash: Hash::of(&[&number.to_be_bytes()]) }
    }

    fn chain(head: u64, finalized: u64) -> ChainView {
        let header =
            |number| Header { block: block(number), time: Timestamp::from_block_seconds(number) };
        ChainView {
            head: header(head),
            finalized: header(finalized),
            fees: FeeQuote { base_fee: 100, priority_fee: 1 },
        }
    }

    fn attempt(max_fee: u128, created_block: u64) -> Attempt {
        Attempt {
            hash: Hash::of(&[&max_fee.to_be_bytes()]),
            raw: Vec::new(),
            gas_limit: 1,
            fees: Fees { max_fee, max_priority_fee: 1 },
            created_at: Timestamp::default(),
            created_block,
        }
    }

    fn live(effect: Option<(u64, Effect)>) -> LiveTransaction {
        LiveTransaction {
            id: TransactionId(1),
            nonce: 0,
            purpose: Purpose::Anchor { batch: BatchId(1) },
            commitment: Hash::ZERO,
            registry: Address::default(),
            revoked_indexes: Vec::new(),
            deadline_at: Timestamp::default().plus_millis(1_000_000_000),
            attempts: vec![attempt(201, 10)],
            observation: effect.map(|(number, effect)| Observation {
                at: block(number),
                effect,
                observed_at: Timestamp::default(),
            }),
        }
    }

    fn present() -> Effect {
        let inclusion = Inclusion {
            transaction: None,
            block_number: 11,
            block_hash: block(11).hash,
            block_time: Timestamp::default(),
        };
        Effect::Present { inclusion }
    }

    fn signer_with(live: Vec<LiveTransaction>) -> SignerView {
        let address = Address::default();
        SignerView {
            signer: Signer { id: SignerId(1), chain_id: 1, address, base_nonce: 0 },
            next_nonce: 1,
            live,
            waiting: Vec::new(),
            revocations: Vec::new(),
        }
    }

    /// The names of the steps for one live transaction.
    fn steps(live: LiveTransaction, chain: &ChainView, pacing: &Pacing) -> Vec<&'static str> {
        let signer = signer_with(vec![live]);
        let view = View { now: Timestamp::default(), signer: &signer, chain, pacing };
        let name = |step: &SigningStep| match step {
            SigningStep::Observe { .. } => "observe",
            SigningStep::Conclude { .. } => "conclude",
            SigningStep::Bump { .. } => "bump",
            SigningStep::Send { .. } => "send",
            SigningStep::Anchor { .. } => "anchor",
            SigningStep::Revoke { .. } => "revoke",
        };
        plan_signing(view, &POLICY).iter().map(name).collect()
    }

    fn paced(delivered_at: Option<u64>, observed_at: Option<u64>, answer: Answer) -> Pacing {
        let mut pacing = Pacing::default();
        if let Some(number) = delivered_at {
            let delivery = Delivery { head: block(number), at: Timestamp::default(), answer };
            pacing.delivered.insert(attempt(201, 10).hash, delivery);
        }
        if let Some(number) = observed_at {
            pacing.observed.insert(TransactionId(1), block(number));
        }
        pacing
    }

    #[test]
    fn what_was_stored_and_not_sent_is_sent_first() {
        assert_eq!(steps(live(None), &chain(10, 8), &Pacing::default()), ["send"]);
        assert_eq!(
            steps(live(None), &chain(10, 8), &paced(Some(10), None, Answer::Taken)),
            ["observe"]
        );
    }

    #[test]
    fn a_pending_transaction_is_sent_again_once_a_block() {
        let pending = |at| live(Some((at, Effect::Pending)));
        let paced = |delivered, observed| paced(Some(delivered), Some(observed), Answer::Taken);
        assert_eq!(steps(pending(10), &chain(11, 9), &paced(10, 10)), ["observe"]);
        assert_eq!(steps(pending(11), &chain(11, 9), &paced(10, 11)), ["send"]);
        assert!(steps(pending(11), &chain(11, 9), &paced(11, 11)).is_empty());
    }

    #[test]
    fn fees_rise_after_five_blocks_or_when_the_pool_says_so() {
        let pending = |at| live(Some((at, Effect::Pending)));
        assert_eq!(
            steps(pending(14), &chain(14, 12), &paced(Some(13), Some(14), Answer::Taken)),
            ["send"]
        );
        assert_eq!(
            steps(pending(15), &chain(15, 13), &paced(Some(14), Some(15), Answer::Taken)),
            ["bump"]
        );
        assert_eq!(
            steps(pending(11), &chain(11, 9), &paced(Some(10), Some(11), Answer::Underpriced)),
            ["bump"]
        );
        let mut at_the_cap = pending(15);
        at_the_cap.attempts = vec![attempt(1_000, 10)];
        assert_eq!(
            steps(at_the_cap, &chain(15, 13), &paced(Some(14), Some(15), Answer::Taken)),
            ["send"]
        );
    }

    #[test]
    fn bytes_that_may_not_have_arrived_are_sent_again_without_a_block() {
        let pending = live(Some((11, Effect::Pending)));
        let signer = signer_with(vec![pending]);
        let at = |millis, answer| {
            let (chain, pacing) = (chain(11, 9), paced(Some(11), Some(11), answer));
            let now = Timestamp::default().plus_millis(millis);
            plan_signing(View { now, signer: &signer, chain: &chain, pacing: &pacing }, &POLICY)
                .len()
        };
        assert_eq!([at(4_999, Answer::Unclear), at(5_000, Answer::Unclear)], [0, 1]);
        assert_eq!(at(60_000, Answer::Taken), 0);
    }

    #[test]
    fn a_transaction_is_as_urgent_as_what_waits_behind_it() {
        let due = |millis| Timestamp::default().plus_millis(millis);
        let mut signer = signer_with(vec![live(None), live(None), live(None)]);
        for (live, millis) in signer.live.iter_mut().zip([900, 300, 600]) {
            live.deadline_at = due(millis);
        }
        assert_eq!(urgencies(&signer), [due(300), due(300), due(600)]);
    }

    #[test]
    fn only_a_final_block_concludes() {
        let seen = |effect| live(Some((11, effect)));
        for effect in [present(), Effect::Burned] {
            let paced = paced(Some(10), Some(12), Answer::Taken);
            assert!(steps(seen(effect), &chain(12, 10), &paced).is_empty());
            assert_eq!(steps(seen(effect), &chain(13, 10), &paced), ["observe"]);
            assert_eq!(steps(seen(effect), &chain(13, 11), &paced), ["conclude"]);
        }
        let old = live(Some((3, Effect::Pending)));
        assert_ne!(
            steps(old, &chain(13, 11), &paced(Some(13), Some(13), Answer::Taken)),
            ["conclude"]
        );
    }
}
