//! The worker's decisions, sample by sample, on a chain that takes whatever pays its base fee.

use domain::{
    Decision, DecisionReason, Due, FeeAlarm, FeeHistory, FeeOutlook, FeePolicy, FeeQuote,
    FeeSample, Fees, OnCap, Position, SealPolicy, SendTiming, Stream, StreamId, StreamKind,
    StreamView,
};
use proof::{Address, Timestamp};

use super::Trace;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// More attempts between two samples change nothing any more: each follows the market.
const MOST_BUMPS: i64 = 8;

/// Who decides when to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// The worker's rules.
    DeadlineAware,
    /// Whatever waits, with each sample.
    Immediate,
    /// Whatever waits, each full hour.
    Hourly,
    /// Whatever waits, each midnight (UTC).
    Daily,
}

impl Strategy {
    pub(crate) const ALL: [Self; 4] =
        [Self::DeadlineAware, Self::Immediate, Self::Hourly, Self::Daily];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DeadlineAware => "deadline-aware",
            Self::Immediate => "immediate",
            Self::Hourly => "hourly",
            Self::Daily => "daily, blind",
        }
    }

    /// For those that look at the clock alone: whether it is time.
    fn is_time(self, last: Timestamp, now: Timestamp) -> bool {
        let passed = |length: i64| last.millis() / length != now.millis() / length;
        match self {
            Self::DeadlineAware | Self::Immediate => true,
            Self::Hourly => passed(HOUR_MS),
            Self::Daily => passed(DAY_MS),
        }
    }
}

/// What is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) seal: SealPolicy,
    pub(crate) timing: SendTiming,
    pub(crate) fees: FeePolicy,
    pub(crate) promise_ms: i64,
    /// They arrive evenly.
    pub(crate) badges_per_day: u32,
    /// Of a transaction, in gas.
    pub(crate) gas: u64,
    /// And for each badge in it.
    pub(crate) gas_per_badge: u64,
    /// In wei per gas.
    pub(crate) tip: u128,
    /// Between two blocks.
    pub(crate) block_ms: i64,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) strategy: Strategy,
    pub(crate) transactions: u64,
    /// Used.
    pub(crate) gas: u128,
    /// Paid, in wei.
    pub(crate) cost: u128,
    /// From a badge's acceptance to its block, ascending, in milliseconds.
    pub(crate) delays: Vec<i64>,
    /// Badges in a block after their deadline, or in none when the trace ended after it.
    pub(crate) misses: u64,
    /// Badges whose deadline the trace does not reach, and which are in no block.
    pub(crate) unfinished: u64,
    /// Transactions for which `on_cap` had to decide.
    pub(crate) budget_decisions: u64,
}

impl Outcome {
    /// The delay that `permille` of the badges did not exceed, in milliseconds.
    pub(crate) fn delay(&self, permille: usize) -> i64 {
        let last = self.delays.len().saturating_sub(1);
        self.delays.get(last * permille / 1000).copied().unwrap_or_default()
    }
}

/// Badges that were cut together.
struct Batch {
    /// When each was accepted, oldest first.
    accepted: Vec<Timestamp>,
    deadline_at: Timestamp,
}

/// A batch's transaction that is in no block yet.
struct Flight {
    batch: Batch,
    fees: Fees,
    due: Due,
    decided: bool,
}

struct Replay<'a> {
    setup: &'a Setup,
    fees: FeePolicy,
    strategy: Strategy,
    history: FeeHistory,
    open: Vec<Timestamp>,
    sealed: Vec<Batch>,
    flights: Vec<Flight>,
    last_first_send: Option<Timestamp>,
    outcome: Outcome,
}

/// Replays the whole trace. Time goes from sample to sample: what is sent at one is in a block at the
/// next whose base fee it pays.
pub(crate) fn replay(trace: &Trace, setup: &Setup, strategy: Strategy) -> Outcome {
    let mut replay = Replay::new(setup, strategy);
    let samples = trace.samples();
    let mut last = samples[0].at;
    let mut next_badge = last;
    let between = DAY_MS / i64::from(setup.badges_per_day.max(1));
    for sample in samples {
        replay.history.record(*sample);
        while next_badge < sample.at {
            replay.open.push(next_badge);
            next_badge = next_badge.plus_millis(between);
        }
        replay.step(last, *sample);
        last = sample.at;
    }
    replay.finish(last)
}

impl<'a> Replay<'a> {
    fn new(setup: &'a Setup, strategy: Strategy) -> Self {
        let fees = match strategy {
            Strategy::DeadlineAware => setup.fees,
            // the others pay whatever is asked for
            _ => FeePolicy {
                usual_cap: u128::MAX,
                budget_cap: u128::MAX,
                hard_cap: u128::MAX,
                on_cap: OnCap::BreachBudget,
                ..setup.fees
            },
        };
        Self {
            setup,
            fees,
            strategy,
            history: FeeHistory::default(),
            open: Vec::new(),
            sealed: Vec::new(),
            flights: Vec::new(),
            last_first_send: None,
            outcome: Outcome {
                strategy,
                transactions: 0,
                gas: 0,
                cost: 0,
                delays: Vec::new(),
                misses: 0,
                unfinished: 0,
                budget_decisions: 0,
            },
        }
    }

    fn step(&mut self, last: Timestamp, sample: FeeSample) {
        let FeeSample { at: now, base_fee } = sample;
        self.include(sample);
        let outlook = match self.strategy {
            Strategy::DeadlineAware => FeeOutlook::at(now, &self.history),
            _ => FeeOutlook::default(),
        };
        let usual_cap = match self.strategy {
            Strategy::DeadlineAware => self.fees.usual_cap(&outlook),
            _ => u128::MAX,
        };
        let quote = FeeQuote { base_fee, priority_fee: self.setup.tip };
        self.bump(now.since(last), now, quote, usual_cap);
        if !self.strategy.is_time(last, now) {
            return;
        }
        while let Some(batch) = self.cut(now, base_fee, &outlook) {
            self.sealed.push(batch);
        }
        let timing = self.setup.timing;
        let sends = |batch: &mut Batch| {
            let age = self.setup.promise_ms - batch.deadline_at.since(now);
            let decision = timing.decide(age, Some(base_fee), &outlook);
            self.strategy != Strategy::DeadlineAware || decision.sends()
        };
        let (sent, sealed): (Vec<_>, Vec<_>) = std::mem::take(&mut self.sealed)
            .into_iter()
            .map(|mut batch| (sends(&mut batch), batch))
            .partition(|(sends, _)| *sends);
        self.sealed = sealed.into_iter().map(|(_, batch)| batch).collect();
        for (_, batch) in sent {
            let due = timing.due(batch.deadline_at);
            let fees = self.fees.first(quote, self.fees.cap(now, due, usual_cap));
            self.last_first_send = Some(now);
            self.flights.push(Flight { batch, fees, due, decided: false });
        }
    }

    /// What the worker cuts now.
    fn cut(&mut self, now: Timestamp, base_fee: u128, outlook: &FeeOutlook) -> Option<Batch> {
        let view = self.view()?;
        let (seal, decision) = match self.strategy {
            Strategy::DeadlineAware => {
                let timing = self.setup.timing;
                let last = self.last_first_send;
                (self.setup.seal, timing.gather(now, &view, Some(base_fee), outlook, last))
            }
            _ => {
                let reason = DecisionReason::Latest;
                let seal = SealPolicy { max_age_ms: 0, ..self.setup.seal };
                (seal, Decision { reason, base_fee: None, bar: None })
            }
        };
        let (_, count) = seal.due(now, &view, &decision)?;
        let rest = self.open.split_off(usize::try_from(count).ok()?.min(self.open.len()));
        let accepted = std::mem::replace(&mut self.open, rest);
        let deadline_at = accepted.first()?.plus_millis(self.setup.promise_ms);
        Some(Batch { accepted, deadline_at })
    }

    /// The open badges as the worker sees them; `None` when there are none.
    fn view(&self) -> Option<StreamView> {
        let oldest = *self.open.first()?;
        let first = Position::first_of(StreamId(1));
        Some(StreamView {
            stream: Stream {
                id: StreamId(1),
                chain_id: 1,
                registry: Address::default(),
                service: String::new(),
                kind: StreamKind::Anchor,
                shard: 0,
                promise_ms: self.setup.promise_ms,
            },
            open_from: first,
            next: first.plus(self.open.len() as u64),
            open_since: Some(oldest),
            open_deadline_at: Some(oldest.plus_millis(self.setup.promise_ms)),
            cut: Vec::new(),
        })
    }

    /// Takes into a block what pays this base fee.
    fn include(&mut self, FeeSample { at, base_fee }: FeeSample) {
        let (mined, flying): (Vec<_>, Vec<_>) = std::mem::take(&mut self.flights)
            .into_iter()
            .partition(|it| it.fees.max_fee >= base_fee);
        self.flights = flying;
        for Flight { batch, fees, .. } in mined {
            let tip = fees.max_priority_fee.min(fees.max_fee - base_fee);
            let per_badge = u128::from(self.setup.gas_per_badge) * batch.accepted.len() as u128;
            let gas = u128::from(self.setup.gas) + per_badge;
            self.outcome.transactions += 1;
            self.outcome.gas += gas;
            self.outcome.cost += gas * (base_fee + tip);
            for accepted in batch.accepted {
                let delay = at.since(accepted);
                self.outcome.delays.push(delay);
                self.outcome.misses += u64::from(delay > self.setup.promise_ms);
            }
        }
    }

    /// Raises the fees of what no block has taken since the last sample.
    fn bump(&mut self, passed_ms: i64, now: Timestamp, quote: FeeQuote, usual_cap: u128) {
        let blocks = passed_ms / self.setup.block_ms.max(1);
        let pause = i64::try_from(self.fees.bump_after_blocks.max(1)).unwrap_or(i64::MAX);
        let bumps = (blocks / pause).clamp(1, MOST_BUMPS);
        for flight in &mut self.flights {
            let alarm = self.fees.alarm(now, flight.due, Some(quote.base_fee), usual_cap);
            let decides =
                matches!(alarm, Some(FeeAlarm::BudgetBreached | FeeAlarm::PromiseBreached));
            self.outcome.budget_decisions += u64::from(decides && !flight.decided);
            flight.decided |= decides;
            for _ in 0..bumps {
                let cap = self.fees.cap(now, flight.due, usual_cap);
                let Some(fees) = self.fees.bump(flight.fees, quote, cap) else { break };
                flight.fees = fees;
            }
        }
    }

    fn finish(mut self, end: Timestamp) -> Outcome {
        let sealed = self.sealed.iter().flat_map(|batch| &batch.accepted);
        let flying = self.flights.iter().flat_map(|flight| &flight.batch.accepted);
        for accepted in self.open.iter().chain(sealed).chain(flying) {
            let is_late = end.since(*accepted) > self.setup.promise_ms;
            self.outcome.misses += u64::from(is_late);
            self.outcome.unfinished += u64::from(!is_late);
        }
        self.outcome.delays.sort_unstable();
        self.outcome
    }
}
