//! The comparison, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Outcome, Strategy};

const WEI_PER_ETHER: f64 = 1e18;
const HOUR_MS: f64 = 3_600_000.0;

/// What a strategy paid, in per cent of what the hourly one paid.
fn of_hourly(outcome: &Outcome, all: &[Outcome]) -> Option<f64> {
    let hourly = all.iter().find(|it| it.strategy == Strategy::Hourly)?;
    (hourly.cost > 0).then(|| outcome.cost as f64 * 100.0 / hourly.cost as f64)
}

fn hours(millis: i64) -> f64 {
    millis as f64 / HOUR_MS
}

/// A line for each strategy.
pub(crate) fn table(all: &[Outcome]) -> String {
    let mut text = format!(
        "{:<15} {:>12} {:>13} {:>10} {:>8} {:>8} {:>8} {:>7}\n",
        "policy",
        "transactions",
        "cost (ether)",
        "of hourly",
        "p50 (h)",
        "p99 (h)",
        "max (h)",
        "missed"
    );
    for outcome in all {
        let share = of_hourly(outcome, all).map_or("-".to_owned(), |share| format!("{share:.1} %"));
        // writing to a String does not fail
        let _ = writeln!(
            text,
            "{:<15} {:>12} {:>13.6} {:>10} {:>8.2} {:>8.2} {:>8.2} {:>7}",
            outcome.strategy.name(),
            outcome.transactions,
            outcome.cost as f64 / WEI_PER_ETHER,
            share,
            hours(outcome.delay(500)),
            hours(outcome.delay(990)),
            hours(outcome.delay(1000)),
            outcome.misses,
        );
    }
    text
}

/// The same as an object. Amounts of wei are texts: they are beyond what a JSON number holds.
pub(crate) fn json(all: &[Outcome]) -> Value {
    let one = |outcome: &Outcome| {
        json!({
            "policy": outcome.strategy.name(),
            "transactions": outcome.transactions,
            "gas": outcome.gas.to_string(),
            "costWei": outcome.cost.to_string(),
            "percentOfHourly": of_hourly(outcome, all),
            "delaySeconds": {
                "p50": outcome.delay(500) / 1000,
                "p99": outcome.delay(990) / 1000,
                "max": outcome.delay(1000) / 1000,
            },
            "badges": outcome.delays.len(),
            "missed": outcome.misses,
            "unfinished": outcome.unfinished,
            "budgetDecisions": outcome.budget_decisions,
        })
    };
    json!({ "policies": all.iter().map(one).collect::<Vec<_>>() })
}
