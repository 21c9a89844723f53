//! `POST /v1/badges`: one badge in, a receipt out.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Acceptance, KeyGrant, Position};
use proof::{Promise, Receipt};
use serde::Serialize;
use store::{Claim, Deed};
use utoipa::ToSchema;

use super::admission::{Admitted, admit, promise};
use super::read_badge::ReadBadge;
use super::submission::{Defaults, DigestSource, Posted};
use crate::authentication::Ingest;
use crate::blocking::{off_the_runtime, place_for_an_image};
use crate::body;
use crate::idempotency::{NamedRequest, done_before, reused};
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::receipts::Facts;
use crate::schemas::{ReceiptSchema, SubmissionSchema, WarningSchema};
use crate::service::{Service, Shared};

/// A badge that is accepted, and the promise under signature.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmitAnswer {
    /// The badge's id in this service; no secret.
    #[schema(example = "281474976710656")]
    pub id: String,
    /// The signed promise; keep it.
    #[schema(value_type = ReceiptSchema)]
    pub receipt: Receipt,
    /// Gives the holder the proof: `GET /v1/proofs/{proofToken}`. Unguessable.
    #[schema(example = "AAEAAAAAAAB3p3uK7w2o0m3V3p0cX1yR")]
    pub proof_token: String,
    /// Who computed the digest.
    pub digest_source: DigestSource,
    /// What was read of the badge, to be looked at; `name` and times are not stored. Absent for a
    /// digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<ReadBadge>,
    /// What the digest does not cover, and doubtful text.
    #[schema(value_type = Vec<WarningSchema>)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<badge::Warning>,
}

/// Submit one badge.
///
/// The answer comes after the badge is durable: from then on the service owes its anchoring by
/// `deadlineAt`. Repeating the same request is safe at any time and returns the identical promise;
/// with an `Idempotency-Key` it returns the identical status, too, and a late repeat does not bring
/// back a badge that was erased meanwhile.
/// A JSON and a JWT edition of one credential are two badges with two digests: anchor what you hand
/// out, and give all editions the same `externalId`.
#[utoipa::path(
    post, path = "/v1/badges", operation_id = "submitBadge", tag = "badges", security(("key" = ["ingest"])),
    params(("Idempotency-Key" = Option<String>, Header,
            description = "A name for this request: 1 to 255 visible ASCII characters in double quotes. \
                           For a day, the same request under the same key gets the same answer and does nothing twice")),
    request_body(content = SubmissionSchema,
        description = "Exactly one of `credential`, `badgeBase64`, or `digest` and `rule`"),
    responses(
        (status = 202, body = SubmitAnswer, description = "Accepted",
            headers(("Location" = String, description = "The badge's state"))),
        (status = 200, body = SubmitAnswer, description = "A repeat: the identical promise"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`already_accepted_differently`; `idempotency_key_in_use`, with `Retry-After`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`issuer_missing`, `issuer_not_registered`, `no_collection` for a \
                           recipient, `window_in_future`, `deadline_unkeepable`, `idempotency_key_reused`, or a badge \
                           refused by the digest rules"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`intake_busy`, `promise_at_risk` or `unavailable`, with `Retry-After`"),
    )
)]
pub(crate) async fn submit(
    State(service): State<Shared>,
    Ingest(grant): Ingest,
    request: NamedRequest,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let limits = &service.state.config.limits;
    let bytes = body::read(&headers, body, limits.image_body_bytes).await?;
    let (account, now) = (grant.account, service.now());
    let is_large = bytes.len() > limits.body_bytes;
    let read = move || {
        let claim = request.claim(account, &bytes, now);
        Posted::read(&bytes, &Defaults::default()).map(|posted| (posted, claim))
    };
    let (posted, claim) = if is_large {
        // more than any JSON badge: an image, whose reading takes longer
        let _place = place_for_an_image(&service)?;
        off_the_runtime(read).await??
    } else {
        read()?
    };
    accept(&service, &grant, posted, claim).await
}

/// Stores a badge, or finds it stored, and answers with the promise.
pub(super) async fn accept(
    service: &Service,
    grant: &KeyGrant,
    posted: Posted,
    claim: Option<Claim>,
) -> Answer<Response> {
    let _run = claim.as_ref().map(|claim| service.running.begin(claim)).transpose()?;
    let done = match &claim {
        Some(claim) => done_before(service, claim).await?,
        None => None,
    };
    let Promised { position, acceptance, promise } = match done {
        Some(deed) => promised_before(service, grant, deed).await?,
        None => promised_now(service, grant, &posted, claim).await?,
    };
    let id = position.to_string();
    let location = format!("/v1/badges/{id}");
    let answer = SubmitAnswer {
        id,
        receipt: service.state.receipt_key.issue(promise),
        proof_token: service.state.token_secret.token(position),
        digest_source: posted.digest_source,
        badge: posted.read,
        warnings: posted.warnings,
    };
    let status = match acceptance {
        Acceptance::New => StatusCode::ACCEPTED,
        Acceptance::Known => StatusCode::OK,
    };
    let mut response = (status, Json(answer)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// A badge that is durable, and what of it is promised.
struct Promised {
    position: Position,
    acceptance: Acceptance,
    promise: Promise,
}

async fn promised_now(
    service: &Service,
    grant: &KeyGrant,
    posted: &Posted,
    claim: Option<Claim>,
) -> Answer<Promised> {
    let closed = service.gate.refusal(service).await?;
    let admitted = admit(service, grant, posted, closed.as_ref()).await?;
    let Admitted { submission, known, .. } = &admitted;
    let accepted = match known {
        // nothing may be written for it now, so its key is not kept either
        Some(accepted) => accepted.clone(),
        // a crash before this returns leaves no receipt; the client's repeat stores it once
        None => {
            let accepted = service.state.committer.submit_claiming(submission.clone(), claim);
            accepted.await?.ok_or_else(Problem::key_in_use)?
        }
    };
    // durable from here on: a crash leaves the badge without an answer, a repeat gives the same
    let promise = promise(service, &admitted, &accepted).await?;
    let (position, acceptance) = (accepted.position, accepted.acceptance);
    count(acceptance);
    Ok(Promised { position, acceptance, promise })
}

/// The answer of the first request with the key, whatever changed since: a closed intake, a lead
/// that is gone by, an issuer's aliases.
async fn promised_before(service: &Service, grant: &KeyGrant, deed: Deed) -> Answer<Promised> {
    let Deed::Submission { badge, acceptance } = deed else {
        return Err(Problem::corrupt("a request's name stands for another call"));
    };
    let gone = || reused("what the request with this key did was erased; take a new key");
    let record = service.store().badge(badge).await?.ok_or_else(gone)?;
    if !grant.covers(record.issuer) {
        return Err(reused("the key was given to a request of another API key"));
    }
    count(Acceptance::Known);
    let promise = Facts::of_record(&record).promise();
    Ok(Promised { position: badge, acceptance, promise })
}

/// For operators.
pub(super) fn count(acceptance: Acceptance) {
    let repeat = match acceptance {
        Acceptance::New => "no",
        Acceptance::Known => "yes",
    };
    metrics::counter!("ingam_badges_accepted_total", "repeat" => repeat).increment(1);
}
