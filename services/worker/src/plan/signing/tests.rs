//! The plan, step by step, without chain or database.

use chain::Header;
use domain::{
    Batch, BatchId, Block, BlockedReason, FeePolicy, FeeQuote, Inclusion, OnCap, Position, Purpose,
    RevocationReason, Seal, SealPolicy, SendTiming, Signer, SignerId, Stream, StreamId,
    TransactionId,
};
use proof::{Address, Hash};
use store::{RevocationItem, RevocationJob};

use super::*;
use crate::{ChainView, FeeView, Look, Pacing};

const POLICY: Policy = Policy {
    seal: SealPolicy { due_count: 10, max_count: 10, max_age_ms: 1, deadline_lead_ms: 1 },
    mint_seal: SealPolicy { due_count: 4, max_count: 8, max_age_ms: 1, deadline_lead_ms: 1 },
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
    anchor_timing: SendTiming::at_once(1_000),
    mint_timing: SendTiming::at_once(1_000),
    max_live: 4,
};

fn no_history() -> FeeView {
    FeeView { usual_cap: POLICY.fees.usual_cap, ..FeeView::default() }
}

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
        mint: None,
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
    let fees = no_history();
    let view = View { now: Timestamp::default(), signer: &signer, chain, pacing, fees: &fees };
    plan_signing(view, &POLICY).iter().map(name).collect()
}

fn name(step: &SigningStep) -> &'static str {
    match step {
        SigningStep::Observe { .. } => "observe",
        SigningStep::Conclude { .. } => "conclude",
        SigningStep::Bump { .. } => "bump",
        SigningStep::Send { .. } => "send",
        SigningStep::Anchor { .. } => "anchor",
        SigningStep::Revoke { .. } => "revoke",
        SigningStep::Mint { .. } => "mint",
    }
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
        let fees = no_history();
        let view = View { now, signer: &signer, chain: &chain, pacing: &pacing, fees: &fees };
        plan_signing(view, &POLICY).len()
    };
    assert_eq!([at(4_999, Answer::Unclear), at(5_000, Answer::Unclear)], [0, 1]);
    assert_eq!(at(60_000, Answer::Taken), 0);
}

#[test]
fn a_transaction_is_as_urgent_as_what_waits_behind_it() {
    let mut signer = signer_with(vec![live(None), live(None), live(None)]);
    for (live, millis) in signer.live.iter_mut().zip([900, 300, 600]) {
        live.deadline_at = due(millis);
    }
    assert_eq!(deadlines(&signer), [due(300), due(300), due(600)]);
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
    assert_ne!(steps(old, &chain(13, 11), &paced(Some(13), Some(13), Answer::Taken)), ["conclude"]);
}

fn deadlines(signer: &SignerView) -> Vec<Timestamp> {
    urgencies(signer, &POLICY).iter().map(|due| due.deadline_at).collect()
}

fn due(millis: i64) -> Timestamp {
    Timestamp::default().plus_millis(millis)
}

fn waiting(id: i64, kind: StreamKind, deadline: i64, blocked: bool) -> WaitingBatch {
    let first = Position::first_of(StreamId(1));
    let seal = Seal {
        size: 1,
        root: Hash::ZERO,
        blockcerts_root: Hash::ZERO,
        commitment: Hash::ZERO,
        owners_hash: None,
    };
    let state = if blocked {
        let since = Timestamp::default();
        BatchState::Blocked { seal, reason: BlockedReason::Full, since }
    } else {
        BatchState::Sealed { seal }
    };
    let batch = Batch {
        id: BatchId(id),
        stream: StreamId(1),
        first,
        end: first.plus(1),
        cut_at: Timestamp::default(),
        deadline_at: due(deadline),
        state,
    };
    let stream = Stream {
        id: StreamId(1),
        chain_id: 1,
        registry: Address::default(),
        service: "test".into(),
        kind,
        shard: 0,
        promise_ms: 1,
    };
    WaitingBatch { batch, stream }
}

const MINT: StreamKind = StreamKind::Mint { collection: Address([7; 20]) };

/// What is begun, by kind and batch.
fn begun(signer: &SignerView, pacing: &Pacing, now: i64) -> Vec<(&'static str, i64)> {
    let chain = chain(10, 8);
    let fees = no_history();
    let view = View { now: due(now), signer, chain: &chain, pacing, fees: &fees };
    let begun = |step: &SigningStep| match step {
        SigningStep::Anchor { batch, .. } | SigningStep::Mint { batch, .. } => {
            Some((name(step), batch.id.0))
        }
        SigningStep::Revoke { job } => Some((name(step), job.batch.0)),
        _ => None,
    };
    plan_signing(view, &POLICY).iter().filter_map(begun).collect()
}

fn job(batch: i64) -> RevocationJob {
    let position = Position::first_of(StreamId(1));
    let reason = RevocationReason::Unspecified;
    RevocationJob {
        batch: BatchId(batch),
        commitment: Hash::ZERO,
        registry: Address::default(),
        items: vec![RevocationItem { position, index: 0, reason }],
        requested_at: Timestamp::default(),
    }
}

#[test]
fn anchors_go_before_mints_and_one_slot_is_theirs_alone() {
    let anchor = |id, deadline| waiting(id, StreamKind::Anchor, deadline, false);
    let mint = |id, deadline| waiting(id, MINT, deadline, false);
    let none = Pacing::default();
    let mut signer = signer_with(Vec::new());
    signer.waiting = vec![mint(1, 10), mint(2, 20), anchor(3, 30), mint(4, 40), mint(5, 50)];
    assert_eq!(begun(&signer, &none, 0), [("anchor", 3), ("mint", 1), ("mint", 2)]);
    signer.revocations = vec![job(6)];
    assert_eq!(begun(&signer, &none, 0), [("anchor", 3), ("revoke", 6), ("mint", 1)]);
    // three are live: the fourth slot is for an anchor or a revocation
    signer.live = vec![live(None), live(None), live(None)];
    assert_eq!(begun(&signer, &none, 0), [("anchor", 3)]);
    signer.waiting.retain(|waiting| waiting.stream.kind == MINT);
    assert_eq!(begun(&signer, &none, 0), [("revoke", 6)]);
    signer.revocations.clear();
    assert!(begun(&signer, &none, 0).is_empty());
}

#[test]
fn a_signer_with_one_slot_mints_when_nothing_else_waits() {
    let policy = Policy { max_live: 1, ..POLICY };
    let plan = |signer: &SignerView| {
        let (chain, pacing) = (chain(10, 8), Pacing::default());
        let fees = no_history();
        let view = View { now: due(0), signer, chain: &chain, pacing: &pacing, fees: &fees };
        plan_signing(view, &policy).iter().map(name).collect::<Vec<_>>()
    };
    let mut signer = signer_with(Vec::new());
    signer.waiting = vec![waiting(1, MINT, 10, false)];
    assert_eq!(plan(&signer), ["mint"]);
    signer.waiting.push(waiting(2, StreamKind::Anchor, 20, false));
    assert_eq!(plan(&signer), ["anchor"]);
}

#[test]
fn a_blocked_mint_gives_way_and_is_tried_again_after_a_minute() {
    let mut signer = signer_with(Vec::new());
    let blocked = |id| waiting(id, MINT, 10, true);
    signer.waiting = vec![blocked(1), blocked(2), blocked(3), waiting(4, MINT, 99, false)];
    let mut pacing = Pacing::default();
    assert_eq!(begun(&signer, &pacing, 0), [("mint", 4), ("mint", 1), ("mint", 2)]);
    for (id, kind) in [(1, MINT), (5, StreamKind::Anchor)] {
        pacing.blocked.insert(BatchId(id), Look { head: block(9), at: due(0) });
        signer.waiting.push(waiting(id, kind, 10, true));
    }
    signer.waiting.retain(|waiting| [1, 5].contains(&waiting.batch.id.0));
    signer.waiting.remove(0);
    assert_eq!(begun(&signer, &pacing, 59_999), [("anchor", 5)], "an anchor with each block");
    assert_eq!(begun(&signer, &pacing, 60_000), [("anchor", 5), ("mint", 1)]);
    pacing.blocked.insert(BatchId(1), Look { head: block(10), at: due(0) });
    assert_eq!(begun(&signer, &pacing, 60_000), [("anchor", 5)], "not twice at one head");
}

#[test]
fn a_blocked_mint_makes_nothing_urgent() {
    let mut signer = signer_with(vec![live(None)]);
    signer.live[0].deadline_at = due(900);
    signer.waiting = vec![waiting(1, MINT, 100, true)];
    assert_eq!(deadlines(&signer), [due(900)]);
    signer.waiting = vec![waiting(1, StreamKind::Anchor, 100, true)];
    assert_eq!(deadlines(&signer), [due(100)]);
    signer.waiting = vec![waiting(1, MINT, 200, false)];
    assert_eq!(deadlines(&signer), [due(200)]);
}

#[test]
fn what_waits_for_cheap_blocks_begins_nothing_and_its_kind_alone() {
    let hour = 3_600_000;
    let (now, promise_ms) = (due(30 * 24 * hour), 24 * hour);
    let sample = |slot: i64| domain::FeeSample {
        at: now.plus_millis(-slot * domain::FEE_SLOT_MS),
        base_fee: 50,
    };
    let history: domain::FeeHistory = (0..8 * 288).map(sample).collect();
    let fees = FeeView { outlook: domain::FeeOutlook::at(now, &history), ..no_history() };
    let patient = SendTiming { latest_first_send_ms: 18 * hour, ..POLICY.mint_timing };
    let policy = Policy { mint_timing: patient, ..POLICY };
    let mut signer = signer_with(Vec::new());
    let aged = |id, kind, age| {
        let mut waiting = waiting(id, kind, 0, false);
        waiting.batch.deadline_at = now.plus_millis(promise_ms - age);
        waiting.stream.promise_ms = promise_ms;
        waiting
    };
    signer.waiting = vec![
        aged(1, StreamKind::Anchor, 0),
        aged(2, MINT, 18 * hour - 1),
        aged(3, MINT, 18 * hour),
    ];
    // the chain asks for twice what may be expected
    let (chain, pacing) = (chain(10, 8), Pacing::default());
    let view = View { now, signer: &signer, chain: &chain, pacing: &pacing, fees: &fees };
    let steps: Vec<_> = plan_signing(view, &policy).iter().map(name).collect();
    assert_eq!(steps, ["anchor", "mint"]);
    let decide = |waiting| sending(now, waiting, &policy, &fees, Some(55)).reason.name();
    let reasons: Vec<_> = signer.waiting.iter().map(decide).collect();
    assert_eq!(reasons, ["latest", "low", "latest"]);
}
