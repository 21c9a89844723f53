//! `GET /v1/promise`: how the promise is kept, for everybody.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::{Canary, Gate, Standing, Thresholds};
use proof::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::REVALIDATE;
use crate::intake_gate::gate;
use crate::problem::Answer;
use crate::service::{Service, Shared};

/// The promise as a whole, and on each chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromiseReport {
    /// The service's id, as in its receipts.
    service: String,
    /// Length of the promise for badges accepted now, in milliseconds.
    #[schema(example = 86_400_000)]
    promise_ms: i64,
    /// Badges accepted and not yet final.
    open: u64,
    /// Badges whose deadline has passed and that were in no block by then as far as is known,
    /// counted by batch: an upper bound. Must be 0.
    overdue: u64,
    /// Badges anchored after their deadline, ever; counted likewise. Must be 0.
    late: u64,
    /// When the oldest open badge was accepted.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_open_at: Option<Timestamp>,
    /// The earliest deadline still open.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_deadline_at: Option<Timestamp>,
    /// Whether new badges are taken.
    intake: IntakeReport,
    /// The same for each chain on which badges were ever promised an anchor.
    chains: Vec<ChainReport>,
    /// When this was asked.
    #[schema(value_type = String)]
    as_of: Timestamp,
}

/// Whether new badges are taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IntakeReport {
    /// New badges are taken. Reads are always answered, and so are repeats of known badges.
    open: bool,
    /// Why not: `overdue`, `deadline-near`, `clocks`, `chain-unreachable`, `no-worker`, `blocked`,
    /// `chain-halted`, `finality-stalled` or `queue-too-long`.
    #[schema(value_type = Option<String>, example = "deadline-near")]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The same in a sentence.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// Since when.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

/// The promise on one chain.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChainReport {
    /// EIP-155.
    #[schema(example = 1)]
    chain_id: u64,
    open: u64,
    /// Of the open ones, those seen by their deadline in a block that is not final yet.
    included: u64,
    overdue: u64,
    late: u64,
    /// Breaches on record: `GET /v1/promise/breaches`.
    breaches: u64,
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_open_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_deadline_at: Option<Timestamp>,
    /// Milliseconds until then, by the clock that says it is latest; negative once it has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    margin_ms: Option<i64>,
    /// The least time that was left, in milliseconds, when batches of the last seven days were
    /// anchored; negative when one was late.
    #[serde(skip_serializing_if = "Option::is_none")]
    least_margin_ms: Option<i64>,
    /// What the operator is told of the nearest deadline: `warn`, `page` or `decide`.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm: Option<&'static str>,
    /// From a batch's first transaction to its final block, in milliseconds, as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual_ms: Option<i64>,
    /// When a node of the chain last answered.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_seen_at: Option<Timestamp>,
    /// Whether the clocks of service, database and chain agree, as far as they are known.
    clocks_agree: bool,
    /// The last badge of the service's own that went all the way.
    #[schema(value_type = Option<CanaryReport>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    canary: Option<CanaryReport>,
}

/// A badge of the service's own, from its submission to its verified proof.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CanaryReport {
    /// When its proof was verified.
    #[schema(value_type = String)]
    verified_at: Timestamp,
    /// How long it took, in milliseconds.
    took_ms: i64,
}

/// How many promises are open, overdue and broken, and whether new ones are made.
///
/// At most two seconds old, and answered whatever the chain does. A breach is provable by anyone:
/// receipt, all commitments until its deadline, and their tiles; those that the service itself
/// noticed are listed at `/v1/promise/breaches`.
#[utoipa::path(get, path = "/v1/promise", operation_id = "getPromise", tag = "trust",
    responses((status = 200, body = PromiseReport)))]
pub(crate) async fn promise(State(service): State<Shared>) -> Answer<impl IntoResponse> {
    let stream = &service.state.stream;
    let mut standings = Vec::new();
    for chain_id in service.store().promised_chains().await? {
        standings.push(service.gate.standing(&service, chain_id).await?);
    }
    let own = service.gate.standing(&service, stream.chain_id).await?;
    let mut chains = Vec::with_capacity(standings.len());
    for standing in &standings {
        let canary = service.store().last_canary(standing.chain_id).await?;
        chains.push(ChainReport::of(&service, standing, canary));
    }
    let sum = |of: fn(&Standing) -> u64| standings.iter().map(of).sum();
    let first = |of: fn(&Standing) -> Option<Timestamp>| standings.iter().filter_map(of).min();
    let report = PromiseReport {
        service: stream.service.clone(),
        promise_ms: stream.promise_ms,
        open: sum(|it| it.open),
        overdue: sum(|it| it.overdue),
        late: sum(|it| it.late),
        oldest_open_at: first(|it| it.oldest_open_at),
        next_deadline_at: first(|it| it.next_deadline_at),
        intake: IntakeReport::of(gate(&service, &own)),
        chains,
        as_of: service.now(),
    };
    Ok(([(CACHE_CONTROL, REVALIDATE)], Json(report)))
}

impl IntakeReport {
    fn of(gate: Gate) -> Self {
        match gate {
            Gate::Open => Self { open: true, reason: None, detail: None, since: None },
            Gate::Closed { reason, since } => Self {
                open: false,
                reason: Some(reason.name()),
                detail: Some(reason.sentence()),
                since: Some(since),
            },
        }
    }
}

impl ChainReport {
    fn of(service: &Service, standing: &Standing, canary: Option<Canary>) -> Self {
        let alarm = standing.alarm(&Thresholds::of(service.state.stream.promise_ms));
        let canary = canary.and_then(|it| Some((it.begun_at, it.verified_at?)));
        Self {
            chain_id: standing.chain_id,
            open: standing.open,
            included: standing.included,
            overdue: standing.overdue,
            late: standing.late,
            breaches: standing.breaches,
            oldest_open_at: standing.oldest_open_at,
            next_deadline_at: standing.next_deadline_at,
            margin_ms: standing.margin_ms(),
            least_margin_ms: standing.least_margin_ms,
            alarm: alarm.map(domain::Alarm::name),
            usual_ms: standing.pace_ms,
            chain_seen_at: standing.pulse.and_then(|pulse| pulse.answered_at),
            clocks_agree: !standing.clocks.disagree(),
            canary: canary.map(|(begun_at, verified_at)| CanaryReport {
                verified_at,
                took_ms: verified_at.since(begun_at),
            }),
        }
    }
}
