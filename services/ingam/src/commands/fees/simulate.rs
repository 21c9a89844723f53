//! `ingam fees simulate TRACE.csv`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use domain::{OnCap, SendTiming};

use crate::config::{FeeDefaults, Profile};
use crate::fee_replay::{Setup, Strategy, Trace, json, replay, table};

/// Replay a trace of base fees through the service's fee rules
///
/// The trace is a CSV file with the columns `time` (seconds since 1970, or RFC 3339) and
/// `base_fee_gwei` or `base_fee_wei`. Badges arrive evenly. Printed are cost, delays and broken
/// promises, beside those of sending at once, hourly, and once a day whatever it costs. Finality comes
/// on top of the delays.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The base fees; deploy/fees/synthetic-l1.csv is an invented one
    #[arg(value_name = "TRACE.csv")]
    trace: PathBuf,
    /// Whose defaults are taken (chain.profile)
    #[arg(long, value_enum, default_value = "l1")]
    profile: Profile,
    /// Mint tokens instead of anchoring: other defaults, and gas for each badge
    #[arg(long)]
    mint: bool,
    /// A batch is sent at this age whatever it costs, as 18h; 0: always at once
    #[arg(long, value_name = "TIME", value_parser = duration)]
    latest_first_send: Option<i64>,
    /// Between two first sends
    #[arg(long, value_name = "TIME", value_parser = duration)]
    min_interval: Option<i64>,
    /// Badges wait for others at least so long (max_age_seconds)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    gather: Option<i64>,
    /// The promise
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "24h")]
    promise: i64,
    /// What happens when the budget does not suffice
    #[arg(long, value_enum, default_value = "breach-budget")]
    on_cap: OnCapArgument,
    /// The budget, in gwei per gas, in place of the profile's
    #[arg(long, value_name = "GWEI")]
    budget_gwei: Option<u64>,
    /// Badges a day
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    badges_per_day: u32,
    /// Gas of a transaction, in place of the contracts'
    #[arg(long)]
    gas: Option<u64>,
    /// Gas for each badge in it
    #[arg(long)]
    gas_per_badge: Option<u64>,
    /// Tip, in wei per gas
    #[arg(long, default_value_t = 50_000_000)]
    tip_wei: u64,
    /// Between two blocks
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "12s")]
    block_time: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum OnCapArgument {
    BreachBudget,
    BreachPromise,
}

/// Of an anchor, as measured on the contracts.
const ANCHOR_GAS: u64 = 47_855;
const GWEI: u128 = 1_000_000_000;

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let setup = setup(args)?;
    let trace = Trace::load(&args.trace)?;
    let outcomes = Strategy::ALL.map(|strategy| replay(&trace, &setup, strategy));
    if args.json {
        println!("{:#}", json(&outcomes));
    } else {
        print!("{}", table(&outcomes));
    }
    Ok(ExitCode::SUCCESS)
}

fn setup(args: &Args) -> anyhow::Result<Setup> {
    let FeeDefaults { mut fees, anchor, mint } = args.profile.fee_defaults(args.promise)?;
    let ((mut seal, timing), gas) = if args.mint {
        (mint.policies, (mint.gas.base, mint.gas.per_token))
    } else {
        (anchor, (ANCHOR_GAS, 0))
    };
    let latest_first_send_ms = args.latest_first_send.unwrap_or(timing.latest_first_send_ms);
    let most = args.promise - seal.deadline_lead_ms;
    ensure!(
        latest_first_send_ms == 0 || latest_first_send_ms <= most,
        "--latest-first-send leaves less than {} hours of the promise",
        seal.deadline_lead_ms / 3_600_000
    );
    seal.max_age_ms = args.gather.unwrap_or(seal.max_age_ms);
    fees.on_cap = match args.on_cap {
        OnCapArgument::BreachBudget => OnCap::BreachBudget,
        OnCapArgument::BreachPromise => OnCap::BreachPromise,
    };
    if let Some(gwei) = args.budget_gwei {
        fees.budget_cap = u128::from(gwei) * GWEI;
    }
    Ok(Setup {
        seal,
        timing: SendTiming {
            latest_first_send_ms,
            min_interval_ms: args.min_interval.unwrap_or(timing.min_interval_ms),
            escalate_before_ms: args.promise - latest_first_send_ms,
        },
        fees,
        promise_ms: args.promise,
        badges_per_day: args.badges_per_day,
        gas: args.gas.unwrap_or(gas.0),
        gas_per_badge: args.gas_per_badge.unwrap_or(gas.1),
        tip: args.tip_wei.into(),
        block_ms: args.block_time,
    })
}

/// Milliseconds of a time like `18h`, `90m`, `12s` or `0`; a week at most.
fn duration(text: &str) -> Result<i64, String> {
    let (number, unit) = match text.find(|it: char| !it.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let unit = match (unit, number) {
        ("h", _) => 3_600_000,
        ("m", _) => 60_000,
        ("s", _) => 1_000,
        ("", "0") => 1,
        _ => return Err("expected a time like 18h, 90m or 12s".to_owned()),
    };
    let millis = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
    millis.filter(|millis| *millis <= 7 * 86_400_000).ok_or("at most 7 days (168h)".to_owned())
}
