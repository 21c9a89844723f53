//! Waiting for cheap blocks under the promise of the day: badges gather while blocks are dear, and none
//! is late for it; what happens when the budget does not suffice is decided and said.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chain::simulated::{ReadFault, SendFault};
use domain::{
    BadgeState, Batch, Clock as _, FeePolicy, FeeSample, Fees, ManualClock, MintState, OnCap,
    Position, SendTiming,
};
use store::Store;
use worker::{FeeSampler, Policy};

use crate::support::{HOUR_MS, Log, POLICY, Service, over_both_databases, owner};

over_both_databases!(
    fees_of_fifty_times_for_six_hours_are_waited_out,
    fees_of_fifty_times_for_thirty_hours_are_paid_in_time,
    a_budget_that_is_kept_makes_late_and_drops_nothing,
    a_budget_that_is_breached_keeps_the_promise,
    an_absurd_tip_is_clamped_with_an_alarm,
    an_absurd_base_fee_is_no_sample,
    badges_are_sealed_by_age_while_no_node_answers,
    a_dip_that_is_over_is_not_acted_upon,
    transactions_keep_their_distance,
    a_full_batch_waits_sealed,
    mints_wait_by_a_rule_of_their_own,
    replicas_store_one_sample_for_five_minutes,
);

const GWEI: u128 = 1_000_000_000;
const STEP_MS: i64 = HOUR_MS / 2;

const TIMING: SendTiming = SendTiming {
    latest_first_send_ms: 18 * HOUR_MS,
    min_interval_ms: HOUR_MS,
    escalate_before_ms: 6 * HOUR_MS,
};

const PATIENT: Policy = Policy { anchor_timing: TIMING, mint_timing: TIMING, ..POLICY };

struct World {
    service: Service,
    sampler: FeeSampler,
}

impl World {
    /// A patient service after eight days of one gwei.
    async fn on(store: Arc<dyn Store>, policy: Policy) -> Self {
        static STARTS: AtomicI64 = AtomicI64::new(0);
        let mut service = Service::on(store).await;
        // deadlines of its own, to be found in the log that all tests write into
        service.clock.advance(STARTS.fetch_add(1, Ordering::SeqCst));
        service.policy = policy;
        service.restart();
        let sampler = sampler(&service, service.clock.clone());
        let world = Self { service, sampler };
        for step in 1..=8 * 48 {
            world.sampled(step * STEP_MS, GWEI).await;
        }
        world
    }

    async fn sampled(&self, ago_ms: i64, base_fee: u128) {
        let at = self.service.clock.now().plus_millis(-ago_ms);
        let chain_id = self.service.stream.chain_id;
        self.service.store.record_fee(chain_id, FeeSample { at, base_fee }).await.unwrap();
    }

    /// Half hours pass: blocks, samples, rounds.
    async fn steps(&mut self, count: i64) {
        for _ in 0..count {
            self.service.clock.advance(STEP_MS - 12_000);
            self.service.block();
            self.sampler.round().await.unwrap();
            self.service.work().await.unwrap();
        }
    }

    async fn state(&self, badge: Position) -> BadgeState {
        self.service.record(badge).await.state()
    }

    async fn batch(&self, badge: Position) -> Option<Batch> {
        self.service.record(badge).await.batch
    }

    /// Fees of all attempts, in the order of nonces.
    async fn fees(&self) -> Vec<Vec<Fees>> {
        let stored = self.service.store.transactions(self.service.signer.id, 0, 100).await.unwrap();
        let attempts = |record: &store::TransactionRecord| {
            record.attempts.iter().map(|row| row.attempt.fees).collect()
        };
        stored.iter().map(attempts).collect()
    }

    /// Whether operators were told this of the badge's batch.
    async fn was_alarmed(&self, badge: Position, alarm: &str) -> bool {
        let deadline = self.batch(badge).await.unwrap().deadline_at;
        let (deadline, alarm) = (format!("deadline={deadline}"), format!("alarm=\"{alarm}\""));
        let text = Log::of_the_process().text();
        text.lines().any(|line| line.contains(&deadline) && line.contains(&alarm))
    }
}

fn sampler(service: &Service, clock: Arc<ManualClock>) -> FeeSampler {
    let (store, chain) = (Arc::clone(&service.store), service.chain.clone());
    FeeSampler::new(store, chain, clock, service.policy.fees)
}

async fn fees_of_fifty_times_for_six_hours_are_waited_out(store: Arc<dyn Store>) {
    let mut world = World::on(store, PATIENT).await;
    world.service.chain.set_base_fee(50 * GWEI);
    let first = world.service.submit(2).await[0];
    world.steps(6).await;
    let second = world.service.submit(1).await[0];
    world.steps(6).await;
    assert_eq!(world.state(first).await, BadgeState::Accepted, "not even cut");
    world.service.chain.set_base_fee(GWEI);
    world.steps(1).await;
    assert_eq!(world.state(first).await, BadgeState::Submitted);
    let batch = world.batch(first).await.unwrap().id;
    assert_eq!(world.batch(second).await.unwrap().id, batch, "who came later joined");
    world.service.until_final().await;
    world.service.assert_kept().await;
    let fees = world.fees().await;
    assert!(fees.len() == 1 && fees[0].iter().all(|it| it.max_fee <= 3 * GWEI), "{fees:?}");
}

async fn fees_of_fifty_times_for_thirty_hours_are_paid_in_time(store: Arc<dyn Store>) {
    let mut world = World::on(store, PATIENT).await;
    // a little dear for twelve hours, so that the plateau is nothing usual when the time comes
    world.service.chain.set_base_fee(3 * GWEI);
    let first = world.service.submit(1).await[0];
    world.steps(24).await;
    world.service.chain.set_base_fee(50 * GWEI);
    world.steps(11).await;
    assert_eq!(world.state(first).await, BadgeState::Accepted);
    let second = world.service.submit(1).await[0];
    world.steps(2).await;
    assert_eq!(world.state(first).await, BadgeState::Submitted, "at eighteen hours it is sent");
    assert!(world.was_alarmed(first, "warn").await);
    world.steps(8).await;
    assert_ne!(world.state(first).await, BadgeState::Submitted, "it was paid for");
    let fees = world.fees().await;
    assert!(fees[0].len() > 1 && fees[0][0].max_fee < 50 * GWEI, "the cap rose: {fees:?}");
    world.steps(60 - 21).await;
    assert_ne!(world.state(second).await, BadgeState::Accepted);
    world.service.until_final().await;
    world.service.assert_kept().await;
}

/// A hundred gwei until after the deadline, and a budget of ten.
async fn beyond_the_budget(store: Arc<dyn Store>, on_cap: OnCap) -> (World, Position) {
    Log::of_the_process();
    let fees = FeePolicy { budget_cap: 10 * GWEI, on_cap, ..PATIENT.fees };
    let mut world = World::on(store, Policy { fees, ..PATIENT }).await;
    world.service.chain.set_base_fee(100 * GWEI);
    let badge = world.service.submit(1).await[0];
    world.steps(45).await;
    assert_eq!(world.state(badge).await, BadgeState::Submitted);
    for alarm in ["warn", "page"] {
        assert!(world.was_alarmed(badge, alarm).await, "{alarm}");
    }
    let decisions = ["budget-breached", "promise-breached"];
    for decision in decisions {
        assert!(!world.was_alarmed(badge, decision).await, "not before an hour is left");
    }
    world.steps(2).await;
    let [breached, kept] = match on_cap {
        OnCap::BreachBudget => decisions,
        OnCap::BreachPromise => [decisions[1], decisions[0]],
    };
    assert!(world.was_alarmed(badge, breached).await, "the decision is on record");
    assert!(!world.was_alarmed(badge, kept).await);
    (world, badge)
}

async fn a_budget_that_is_kept_makes_late_and_drops_nothing(store: Arc<dyn Store>) {
    let (mut world, badge) = beyond_the_budget(store, OnCap::BreachPromise).await;
    world.steps(6).await;
    assert_eq!(world.state(badge).await, BadgeState::Submitted);
    let status = world.service.store.promise_status(world.service.clock.now()).await.unwrap();
    assert_eq!((status.overdue, status.late), (1, 0));
    let most = world.fees().await.into_iter().flatten().map(|fees| fees.max_fee).max();
    assert!(most <= Some(10 * GWEI), "{most:?}");
    world.service.chain.set_base_fee(GWEI);
    world.service.until_final().await;
    let status = world.service.store.promise_status(world.service.clock.now()).await.unwrap();
    assert_eq!((status.overdue, status.late), (0, 1), "late, and on record");
}

async fn a_budget_that_is_breached_keeps_the_promise(store: Arc<dyn Store>) {
    let (mut world, _) = beyond_the_budget(store, OnCap::BreachBudget).await;
    world.service.until_final().await;
    world.service.assert_kept().await;
    let most = world.fees().await.into_iter().flatten().map(|fees| fees.max_fee).max();
    assert!(most >= Some(100 * GWEI), "{most:?}");
}

async fn an_absurd_tip_is_clamped_with_an_alarm(store: Arc<dyn Store>) {
    let log = Log::of_the_process();
    let mut service = Service::on(store).await;
    // of this test alone, to be found in the log
    static TIPS: AtomicI64 = AtomicI64::new(1_234_567_890_123_456);
    let tip = u128::try_from(TIPS.fetch_add(1, Ordering::SeqCst)).unwrap();
    service.chain.set_priority_fee(tip);
    service.submit(1).await;
    service.grow_old();
    service.until_final().await;
    service.assert_kept().await;
    let stored = service.store.transactions(service.signer.id, 0, 1).await.unwrap();
    let paid = stored[0].attempts[0].attempt.fees;
    assert_eq!(paid.max_priority_fee, POLICY.fees.max_priority_fee);
    let text = log.text();
    let named = format!("priority_fee={tip}");
    assert_eq!(
        text.lines().filter(|line| line.contains(&named)).count(),
        1,
        "once, not each round"
    );
}

async fn an_absurd_base_fee_is_no_sample(store: Arc<dyn Store>) {
    let service = Service::on(store).await;
    let mut sampler = sampler(&service, service.clock.clone());
    let samples = async || {
        let since = service.clock.now().plus_millis(-HOUR_MS);
        service.store.fee_samples(service.stream.chain_id, since).await.unwrap()
    };
    service.chain.set_base_fee(u128::MAX);
    sampler.round().await.unwrap();
    assert!(samples().await.is_empty());
    // the next look, in the same five minutes, asks again
    service.chain.set_base_fee(2 * GWEI);
    sampler.round().await.unwrap();
    let fees: Vec<_> = samples().await.iter().map(|sample| sample.base_fee).collect();
    assert_eq!(fees, [2 * GWEI]);
}

async fn badges_are_sealed_by_age_while_no_node_answers(store: Arc<dyn Store>) {
    let mut world = World::on(store, PATIENT).await;
    world.service.chain.fail_reads(ReadFault::Unavailable, u32::MAX);
    world.service.chain.fail_send(SendFault::Lost, u32::MAX);
    let badge = world.service.submit(1).await[0];
    for half_hours in 1..=40 {
        world.service.clock.advance(STEP_MS);
        assert!(world.sampler.round().await.is_err());
        let _ = world.service.work().await;
        let expected = if half_hours < 36 { BadgeState::Accepted } else { BadgeState::Sealed };
        assert_eq!(world.state(badge).await, expected, "after {half_hours} half hours");
    }
    world.service.chain.heal();
    world.service.until_final().await;
    world.service.assert_kept().await;
}

async fn a_dip_that_is_over_is_not_acted_upon(store: Arc<dyn Store>) {
    let mut world = World::on(store, PATIENT).await;
    world.service.chain.set_base_fee(GWEI);
    world.sampler.round().await.unwrap();
    // by the sample blocks are cheap, by the newest block they are not
    world.service.chain.set_base_fee(5 * GWEI);
    let badge = world.service.submit(1).await[0];
    world.service.clock.advance(POLICY.seal.max_age_ms);
    world.service.work().await.unwrap();
    assert_eq!(world.state(badge).await, BadgeState::Accepted);
    world.service.chain.set_base_fee(GWEI);
    world.service.block();
    world.service.work().await.unwrap();
    assert_eq!(world.state(badge).await, BadgeState::Submitted);
    world.service.until_final().await;
    world.service.assert_kept().await;
}

async fn transactions_keep_their_distance(store: Arc<dyn Store>) {
    let mut world = World::on(store, PATIENT).await;
    let first = world.service.submit(1).await[0];
    world.steps(1).await;
    assert_eq!(world.state(first).await, BadgeState::Submitted);
    let second = world.service.submit(1).await[0];
    world.steps(1).await;
    // the process forgets, the database does not
    world.service.restart();
    world.service.work().await.unwrap();
    assert_eq!(world.state(second).await, BadgeState::Accepted, "half an hour after the first");
    world.steps(1).await;
    assert_eq!(world.state(second).await, BadgeState::Submitted);
    world.service.until_final().await;
    world.service.assert_kept().await;
}

async fn a_full_batch_waits_sealed(store: Arc<dyn Store>) {
    let mut world = World::on(store, PATIENT).await;
    world.service.chain.set_base_fee(20 * GWEI);
    let count = usize::try_from(POLICY.seal.due_count).unwrap();
    let badges = world.service.submit(count).await;
    world.steps(4).await;
    assert_eq!(world.state(badges[0]).await, BadgeState::Sealed);
    assert!(world.service.attempts_by_nonce().await.is_empty());
    world.service.chain.set_base_fee(GWEI);
    world.steps(1).await;
    assert_eq!(world.state(badges[0]).await, BadgeState::Submitted);
    world.service.until_final().await;
    world.service.assert_kept().await;
}

async fn mints_wait_by_a_rule_of_their_own(store: Arc<dyn Store>) {
    // as a profile without waiting has it: the cap rises from the beginning
    let anchor_timing = SendTiming::at_once(24 * HOUR_MS);
    let at_once = Policy { anchor_timing, ..PATIENT };
    let mut service = Service::minting(store).await;
    service.policy = at_once;
    service.restart();
    let sampler = sampler(&service, service.clock.clone());
    let mut world = World { service, sampler };
    for step in 1..=8 * 48 {
        world.sampled(step * STEP_MS, GWEI).await;
    }
    world.service.chain.set_base_fee(9 * GWEI);
    let badge = world.service.submit_for(&[owner(1)]).await[0];
    world.steps(20).await;
    assert_eq!(world.state(badge).await, BadgeState::Final, "the badge is anchored at once");
    assert_eq!(world.service.mint_state(badge).await, MintState::Requested);
    world.service.chain.set_base_fee(GWEI);
    world.steps(1).await;
    assert_eq!(world.service.mint_state(badge).await, MintState::Submitted);
    world.service.until_minted(&[badge]).await;
    world.service.assert_kept().await;
}

async fn replicas_store_one_sample_for_five_minutes(store: Arc<dyn Store>) {
    let service = Service::on(store).await;
    let mut replicas = [(); 3].map(|()| sampler(&service, service.clock.clone()));
    for number in 0..4_u128 {
        for (replica, more) in replicas.iter_mut().zip(0_u128..) {
            service.chain.set_base_fee(100 * number + more);
            replica.round().await.unwrap();
            replica.round().await.unwrap();
        }
        service.clock.advance(domain::FEE_SLOT_MS);
    }
    let since = service.clock.now().plus_millis(-HOUR_MS);
    let stored = service.store.fee_samples(service.stream.chain_id, since).await.unwrap();
    let fees: Vec<_> = stored.iter().map(|sample| sample.base_fee).collect();
    assert_eq!(fees, [0, 100, 200, 300]);
}
