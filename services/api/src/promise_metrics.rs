//! The promise in metrics. Read from the database when they are asked for, so that they are right in
//! every process, whatever the chain does.

use domain::{ClosedReason, Gate, GatePolicy, Standing, Thresholds};
use metrics::gauge;
use proof::Timestamp;
use store::{Store, StoreError};

/// Sets the gauges of every chain.
///
/// # Errors
/// The database; gauges then keep their last values, and `/readyz` tells.
pub(crate) async fn set(
    store: &dyn Store,
    policy: &GatePolicy,
    now: Timestamp,
) -> Result<(), StoreError> {
    for chain_id in store.promised_chains().await? {
        let standing = store.standing(chain_id, now).await?;
        let chain = chain_id.to_string();
        of_promises(&chain, &standing, policy);
        of_intake(&chain, policy.judge(standing.gate, &standing));
        of_clocks(&chain, &standing);
        if let Some(canary) = store.last_canary(chain_id).await?
            && let Some(verified_at) = canary.verified_at
        {
            let age = seconds(now.since(canary.begun_at));
            gauge!("ingam_canary_age_seconds", "chain" => chain.clone()).set(age);
            let took = seconds(verified_at.since(canary.begun_at));
            gauge!("ingam_canary_seconds_to_final", "chain" => chain.clone()).set(took);
        }
    }
    Ok(())
}

fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

fn of_promises(chain: &str, standing: &Standing, policy: &GatePolicy) {
    let set = |name: &'static str, value: f64| {
        gauge!(name, "chain" => chain.to_owned()).set(value);
    };
    set("ingam_promises_open", standing.open as f64);
    set("ingam_promises_included", standing.included as f64);
    set("ingam_promises_overdue", standing.overdue as f64);
    set("ingam_promises_late", standing.late as f64);
    set("ingam_breaches", standing.breaches as f64);
    let oldest = standing.oldest_open_at.map(|at| standing.clocks.latest().since(at));
    set("ingam_oldest_open_age_seconds", seconds(oldest.unwrap_or_default()));
    // with nothing open, the whole promise is left
    let left = standing.margin_ms().unwrap_or(policy.promise_ms);
    set("ingam_next_deadline_in_seconds", seconds(left));
    let stuck = standing.stuck_margin_ms().unwrap_or(policy.promise_ms);
    set("ingam_stuck_deadline_in_seconds", seconds(stuck));
    let least = standing.least_margin_ms.unwrap_or(policy.promise_ms);
    set("ingam_least_margin_seconds", seconds(least));
    let alarm = standing.alarm(&Thresholds::of(policy.promise_ms));
    set("ingam_promise_alarm", f64::from(alarm.map_or(0, domain::Alarm::level)));
}

fn of_intake(chain: &str, gate: Gate) {
    let is_open = if gate == Gate::Open { 1.0 } else { 0.0 };
    gauge!("ingam_intake_open", "chain" => chain.to_owned()).set(is_open);
    for one in ClosedReason::ALL {
        let is_it = matches!(gate, Gate::Closed { reason, .. } if reason == one);
        let labels = [("chain", chain.to_owned()), ("reason", one.name().to_owned())];
        gauge!("ingam_intake_closed", &labels).set(if is_it { 1.0 } else { 0.0 });
    }
}

fn of_clocks(chain: &str, standing: &Standing) {
    let clocks = &standing.clocks;
    let set = |clock: &'static str, value: Option<Timestamp>| {
        let Some(value) = value else { return };
        let labels = [("chain", chain.to_owned()), ("clock", clock.to_owned())];
        gauge!("ingam_clock_offset_seconds", &labels).set(seconds(value.since(clocks.host)));
    };
    set("database", clocks.database);
    set("chain", clocks.chain);
    let disagree = if clocks.disagree() { 1.0 } else { 0.0 };
    gauge!("ingam_clocks_disagree", "chain" => chain.to_owned()).set(disagree);
    if let Some(pulse) = standing.pulse {
        let silent = standing.at.since(pulse.answered_at.unwrap_or(pulse.since));
        gauge!("ingam_chain_silent_seconds", "chain" => chain.to_owned()).set(seconds(silent));
    }
}
