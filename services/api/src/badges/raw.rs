//! `POST /v1/badges/raw`: a badge's file as it is.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use badge::MAX_IMAGE_BYTES;
use domain::ExternalId;
use proof::Timestamp;

use super::submission::Posted;
use super::submit::{SubmitAnswer, accept};
use crate::authentication::Ingest;
use crate::blocking::{off_the_runtime, place_for_an_image};
use crate::body;
use crate::idempotency::NamedRequest;
use crate::parameters::Parameters;
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::schemas::ImageSchema;
use crate::service::Shared;

/// Submit one badge as a file.
///
/// The body is the badge as it was handed out: JSON, JWT, a baked PNG or SVG. Its form is told from
/// its bytes, whatever `Content-Type` says, so an upload may be passed on as it came. Only a badge
/// is ever taken: other JSON is `not_a_badge`, and a digest cannot be posted here. Else as
/// `POST /v1/badges`.
#[utoipa::path(
    post, path = "/v1/badges/raw", operation_id = "submitBadgeFile", tag = "badges", security(("key" = ["ingest"])),
    params(
        ("Idempotency-Key" = Option<String>, Header,
            description = "A name for this request: 1 to 255 visible ASCII characters in double quotes. \
                           For a day, the same request under the same key gets the same answer and does nothing twice"),
        ("issuer" = Option<String>, Query,
            description = "A registered identifier or alias; by default the one that the badge names"),
        ("externalId" = Option<String>, Query,
            description = "The platform's own name for the badge, 1 to 200 bytes"),
        ("windowStartedAt" = Option<String>, Query,
            description = "When the learner accepted (RFC 3339): the promise runs from then"),
        ("publicLookup" = Option<bool>, Query,
            description = "Whether who has the badge may look its proof up; by default `true`"),
        ("recipient" = Option<String>, Query,
            description = "Who gets a token: an EVM address, of one case or with its EIP-55 checksum"),
    ),
    request_body(description = "At most 5 MiB for an image, 1 MiB for JSON and JWT", content(
        (ImageSchema = "application/octet-stream"), (ImageSchema = "image/png"),
        (ImageSchema = "image/svg+xml"), (Object = "application/json"),
        (String = "application/jwt"),
    )),
    responses(
        (status = 202, body = SubmitAnswer, description = "Accepted",
            headers(("Location" = String, description = "The badge's state"))),
        (status = 200, body = SubmitAnswer, description = "A repeat: the identical promise"),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json",
            description = "`invalid_parameter`, `idempotency_key_malformed`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json",
            description = "`already_accepted_differently`; `idempotency_key_in_use`, with `Retry-After`"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json",
            description = "`body_too_large`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`issuer_missing`, `issuer_not_registered`, `window_in_future`, \
                `deadline_unkeepable`, `idempotency_key_reused`, or no badge by the digest rules: `not_a_badge`, \
                `unsupported_form` (a proof document), `presentation`, `selective_disclosure`, …"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`intake_busy`, `promise_at_risk` or `unavailable`, with `Retry-After`"),
    )
)]
pub(crate) async fn raw(
    State(service): State<Shared>,
    Ingest(grant): Ingest,
    request: NamedRequest,
    mut parameters: Parameters,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let issuer: Option<String> = parameters.optional("issuer")?;
    let external_id: Option<ExternalId> = parameters.optional("externalId")?;
    let window_started_at = parameters.read("windowStartedAt", Timestamp::parse_rfc3339)?;
    let public_lookup: Option<bool> = parameters.optional("publicLookup")?;
    let recipient = parameters.read("recipient", proof::read_owner)?;
    parameters.finish()?;
    let bytes = body::read(&headers, body, MAX_IMAGE_BYTES).await?;
    let (account, now) = (grant.account, service.now());
    let (badge, claim) = {
        // few files are larger than any JSON badge
        let is_large = bytes.len() > service.state.config.limits.body_bytes;
        let _place = is_large.then(|| place_for_an_image(&service)).transpose()?;
        let read = move || (badge::read(&bytes), request.claim(account, &bytes, now));
        off_the_runtime(read).await?
    };
    let badge = badge.map_err(|why| Problem::refused(&why, ""))?;
    let posted = Posted {
        window_started_at,
        external_id,
        public_lookup: public_lookup.unwrap_or(true),
        recipient,
        ..Posted::of(badge, issuer)?
    };
    accept(&service, &grant, posted, claim).await
}
