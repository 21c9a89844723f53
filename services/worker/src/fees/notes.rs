//! What operators are told of fees: each decision and each alarm as it changes, not with each round.

use std::collections::HashMap;

use domain::{BatchId, Decision, DecisionReason, Effect, FeeAlarm, Purpose, StreamId, StreamKind};
use proof::Timestamp;
use store::SignerView;

use crate::{FeeView, Policy, sending};

/// What was told last.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    gathering: HashMap<StreamId, DecisionReason>,
    sending: HashMap<BatchId, DecisionReason>,
    alarms: HashMap<(BatchId, &'static str), FeeAlarm>,
}

impl Notes {
    /// The decision on each stream with open badges.
    pub(crate) fn gathering(&mut self, decided: Vec<(StreamId, StreamKind, Decision)>) {
        let mut now = HashMap::new();
        for (stream, kind, decision) in decided {
            now.insert(stream, decision.reason);
            if self.gathering.get(&stream) != Some(&decision.reason) {
                count(kind, &decision);
                tracing::info!(
                    stream = %stream.0, kind = kind.name(), sends = decision.sends(),
                    reason = decision.reason.name(), base_fee = decision.base_fee,
                    bar = decision.bar, "fees: open badges"
                );
            }
        }
        self.gathering = now;
    }

    /// The decision on each sealed batch, and how many wait.
    pub(crate) fn sending(
        &mut self,
        at: Timestamp,
        view: &SignerView,
        policy: &Policy,
        fees: &FeeView,
        base_fee: u128,
    ) {
        let mut now = HashMap::new();
        let (mut anchors, mut mints) = (0_u32, 0_u32);
        for waiting in &view.waiting {
            let (batch, kind) = (waiting.batch.id, waiting.stream.kind);
            let decision = sending(at, waiting, policy, fees, Some(base_fee));
            if !decision.sends() {
                match kind {
                    StreamKind::Anchor => anchors += 1,
                    StreamKind::Mint { .. } => mints += 1,
                }
            }
            now.insert(batch, decision.reason);
            if self.sending.get(&batch) != Some(&decision.reason) {
                count(kind, &decision);
                tracing::info!(
                    batch.id = %batch, kind = kind.name(), sends = decision.sends(),
                    reason = decision.reason.name(), base_fee = decision.base_fee,
                    bar = decision.bar, "fees: sealed batch"
                );
            }
        }
        self.sending = now;
        for (kind, held) in [("anchor", anchors), ("mint", mints)] {
            metrics::gauge!("ingam_fee_waiting_batches", "kind" => kind).set(f64::from(held));
        }
    }

    /// What is on its way and not on chain. `base_fee`: `None` while no node answers.
    pub(crate) fn alarms(
        &mut self,
        at: Timestamp,
        view: &SignerView,
        policy: &Policy,
        fees: &FeeView,
        base_fee: Option<u128>,
    ) {
        let mut now = HashMap::new();
        let seen = |effect| matches!(effect, Effect::Present { .. });
        let missing = view
            .live
            .iter()
            .filter(|live| !live.observation.is_some_and(|it| seen(it.effect)))
            .map(|live| (live.purpose, live.deadline_at, base_fee));
        // what is not sent yet is below no market
        let waiting = view.waiting.iter().map(|waiting| {
            let batch = waiting.batch.id;
            let purpose = match waiting.stream.kind {
                StreamKind::Anchor => Purpose::Anchor { batch },
                StreamKind::Mint { .. } => Purpose::Mint { batch },
            };
            (purpose, waiting.batch.deadline_at, None)
        });
        for (purpose, deadline_at, base_fee) in missing.chain(waiting) {
            let due = policy.due(purpose, deadline_at);
            let Some(alarm) = policy.fees.alarm(at, due, base_fee, fees.usual_cap) else {
                continue;
            };
            let key = (purpose.batch(), purpose.name());
            now.insert(key, alarm);
            if self.alarms.get(&key) != Some(&alarm) {
                raise(purpose, deadline_at, alarm, base_fee, policy);
            }
        }
        self.alarms = now;
    }
}

fn count(kind: StreamKind, decision: &Decision) {
    let labels = [("kind", kind.name()), ("reason", decision.reason.name())];
    metrics::counter!("ingam_fee_decisions_total", &labels).increment(1);
}

fn raise(
    purpose: Purpose,
    deadline_at: Timestamp,
    alarm: FeeAlarm,
    base_fee: Option<u128>,
    policy: &Policy,
) {
    metrics::counter!("ingam_fee_alarms_total", "alarm" => alarm.name()).increment(1);
    let (batch, purpose, budget) = (purpose.batch(), purpose.name(), policy.fees.budget_cap);
    let name = alarm.name();
    match alarm {
        FeeAlarm::BelowMarket | FeeAlarm::Warn => tracing::warn!(
            batch.id = %batch, purpose, alarm = name, deadline = %deadline_at, base_fee,
            "not on chain yet"
        ),
        FeeAlarm::Page => tracing::error!(
            batch.id = %batch, purpose, alarm = name, deadline = %deadline_at, base_fee,
            "not on chain yet, and the deadline is near"
        ),
        FeeAlarm::BudgetBreached => tracing::error!(
            batch.id = %batch, purpose, alarm = name, deadline = %deadline_at, base_fee, budget,
            "the budget does not suffice: it is breached, the promise is kept"
        ),
        FeeAlarm::PromiseBreached => tracing::error!(
            batch.id = %batch, purpose, alarm = name, deadline = %deadline_at, base_fee, budget,
            "the budget does not suffice: it is kept, the promise is breached"
        ),
    }
}

/// What is expected of fees, for dashboards.
pub(super) fn publish_outlook(policy: &Policy, fees: &FeeView) {
    metrics::gauge!("ingam_fee_usual_cap_wei").set(fees.usual_cap as f64);
    for (kind, timing) in [("anchor", policy.anchor_timing), ("mint", policy.mint_timing)] {
        if let Some(low) = fees.outlook.expected_low(timing.latest_first_send_ms) {
            metrics::gauge!("ingam_expected_low_base_fee_wei", "kind" => kind).set(low as f64);
        }
        let fresh = timing.decide(0, fees.outlook.base_fee(), &fees.outlook);
        let waits = f64::from(u8::from(!fresh.sends()));
        metrics::gauge!("ingam_fees_make_wait", "kind" => kind).set(waits);
    }
}
