//! A badge of the service's own, sent now and then the way of everybody's: through the committer,
//! into the next batch, onto the chain, and back out of the public routes with a proof that the
//! verifier accepts. Its age tells that all of this works.
//!
//! Of several processes each may take each step: the intent with its digest is stored first, and a
//! digest is one badge, however often it is submitted.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::{
    Acceptance, BadgeState, CANARY_ISSUER, Control, Gate, IssuerId, Position, StreamKind,
    Submission,
};
use proof::{Hash, ProofDocument, Rule};
use serde::Deserialize;
use serde_json::json;
use store::{HaltReason, IntakeError, StoreError};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use verifier::{Check, CheckName, Outcome};

use crate::service::ApiState;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Canaries that are followed at a time; an interval is longer than one takes.
const FOLLOWED: u32 = 8;
/// Largest answer that is read, in bytes.
const ANSWER_BYTES: usize = 1 << 20;
/// What must have passed. The badge's own words are none: it is a digest without a badge.
const NEEDED: [CheckName; 10] = [
    CheckName::Leaf,
    CheckName::Inclusion,
    CheckName::Commitment,
    CheckName::Service,
    CheckName::Anchored,
    CheckName::Final,
    CheckName::Operator,
    CheckName::NotRevoked,
    CheckName::ReceiptMatch,
    CheckName::ReceiptSignature,
];

/// Sends and follows the canaries of one stream.
pub struct CanaryRun {
    state: ApiState,
    /// The public listener's own.
    routes: Router,
    interval_ms: i64,
    /// Whether the gate is open is judged as for everybody.
    policy: domain::GatePolicy,
}

/// Why a canary did not come through.
#[derive(Debug, thiserror::Error)]
pub enum CanaryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The public routes did not answer as they should.
    #[error("{0}")]
    Route(String),
    /// The proof is not accepted.
    #[error("the check {0} did not pass")]
    Check(CheckName),
}

/// The part of a report that counts here.
#[derive(Deserialize)]
struct Checked {
    checks: Vec<Check>,
}

impl CanaryRun {
    /// `routes` is the public listener's router of this state. With an interval of 0 none is sent.
    #[must_use]
    pub fn new(state: ApiState, routes: Router, interval_ms: i64) -> Self {
        let policy = state.gate_policy();
        Self { state, routes, interval_ms, policy }
    }

    /// Looks until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let rounds = async {
            loop {
                if let Err(error) = self.round().await {
                    metrics::counter!("ingam_canary_failures_total").increment(1);
                    tracing::error!(%error, "the canary failed; it is looked at again");
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = rounds => {}
        }
    }

    /// The next step of each canary, and a new one if it is time.
    ///
    /// # Errors
    /// What kept a step from being taken; the next round takes it again.
    pub async fn round(&self) -> Result<(), CanaryError> {
        if self.interval_ms == 0 {
            return Ok(());
        }
        let store = self.state.store.as_ref();
        let chain_id = self.state.stream.chain_id;
        // its next position was perhaps given out before, to somebody who holds a receipt
        let halts = store.halts(chain_id).await?;
        let is_restored = halts.iter().any(|halt| halt.reason == HaltReason::Restored);
        if !is_restored {
            self.begin().await?;
        }
        for canary in store.pending_canaries(chain_id, FOLLOWED).await? {
            let position = match canary.position {
                Some(position) => position,
                None if is_restored => continue,
                None => self.submit(canary.id, canary.digest).await?,
            };
            let Some(badge) = store.badge(position).await? else { continue };
            if badge.state() != BadgeState::Final {
                continue;
            }
            self.verify(position, canary.digest).await?;
            let now = self.state.clock.now();
            store.canary_verified(canary.id, now).await?;
            let took_ms = now.since(canary.begun_at);
            tracing::info!(badge = %position, took_ms, "the canary came through");
        }
        Ok(())
    }

    /// A crash after this leaves an intent that the next round takes up.
    async fn begin(&self) -> Result<(), CanaryError> {
        let ApiState { store, stream, clock, entropy, .. } = &self.state;
        let now = clock.now();
        let standing = store.standing(stream.chain_id, now).await?;
        if self.policy.judge(standing.gate, &standing) != Gate::Open {
            return Ok(());
        }
        let company = store.streams().await?.iter().any(|view| {
            view.stream.kind == StreamKind::Anchor && view.stream.id == stream.id && view.open() > 0
        });
        let digest = entropy.salt();
        let interval_ms = self.interval_ms;
        store.begin_canary(stream.chain_id, digest, now, interval_ms, company).await?;
        Ok(())
    }

    /// A crash in between leaves a badge that a repeat finds by its digest.
    async fn submit(&self, id: i64, digest: Hash) -> Result<Position, CanaryError> {
        let ApiState { store, committer, clock, entropy, .. } = &self.state;
        let submission = Submission {
            issuer: self.issuer().await?,
            rule: Rule::Opaque,
            digest,
            id_tag: None,
            salt: entropy.salt(),
            accepted_at: clock.now(),
            window_started_at: None,
            external_id: None,
            public_lookup: false,
            recipient: None,
            metadata: None,
        };
        let accepted = committer.submit(submission).await?;
        store.canary_accepted(id, accepted.position).await?;
        let again = accepted.acceptance == Acceptance::Known;
        tracing::debug!(badge = %accepted.position, again, "a canary was sent");
        Ok(accepted.position)
    }

    /// The issuer in whose name canaries are anchored, in an account without keys.
    async fn issuer(&self) -> Result<IssuerId, CanaryError> {
        let ApiState { store, clock, .. } = &self.state;
        let named = |issuers: Vec<domain::Issuer>| {
            issuers.into_iter().find(|issuer| issuer.identifier.as_str() == CANARY_ISSUER)
        };
        if let Some(issuer) = named(store.issuers(None).await?) {
            return Ok(issuer.id);
        }
        let identifier = CANARY_ISSUER.parse().map_err(|error| {
            CanaryError::Route(format!("{CANARY_ISSUER} is no identifier: {error}"))
        })?;
        let now = clock.now();
        let account = store.add_account("canary (this service's own)", now).await?.id;
        match store.add_issuer(account, &identifier, &[], Control::Manual, now).await {
            Ok(issuer) => Ok(issuer.id),
            // another replica was faster
            Err(StoreError::Conflict(why)) => {
                let issuer = named(store.issuers(None).await?);
                issuer.map(|issuer| issuer.id).ok_or(StoreError::Conflict(why).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// As a holder would: the proof by its token, then the report on it.
    async fn verify(&self, position: Position, digest: Hash) -> Result<(), CanaryError> {
        let token = self.state.token_secret.token(position);
        let proof = self.ask(Request::get(format!("/v1/proofs/{token}")), Body::empty()).await?;
        let document = ProofDocument::parse(&proof);
        let document = document.map_err(|error| CanaryError::Route(format!("proof: {error}")))?;
        if document.badge.digest != digest {
            return Err(CanaryError::Check(CheckName::Digest));
        }
        let body = json!({ "proof": document }).to_string();
        let report = self.ask(Request::post("/v1/verify"), Body::from(body)).await?;
        let report: Checked = serde_json::from_slice(&report)
            .map_err(|error| CanaryError::Route(format!("report: {error}")))?;
        let passed = |name: &CheckName| {
            report.checks.iter().any(|it| it.name == *name && it.outcome == Outcome::Passed)
        };
        match NEEDED.into_iter().find(|name| !passed(name)) {
            None => Ok(()),
            Some(name) => Err(CanaryError::Check(name)),
        }
    }

    async fn ask(
        &self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> Result<axum::body::Bytes, CanaryError> {
        let failed = |why: &dyn std::fmt::Display| CanaryError::Route(why.to_string());
        let request = request.body(body).map_err(|error| failed(&error))?;
        let answer = match self.routes.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), ANSWER_BYTES).await;
        let body = body.map_err(|error| failed(&error))?;
        if status == StatusCode::OK {
            Ok(body)
        } else {
            Err(CanaryError::Route(format!("a public route answered {status}")))
        }
    }
}
