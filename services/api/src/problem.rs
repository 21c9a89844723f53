//! Problem documents (RFC 9457): the only place that makes them. Codes are stable; clients compare
//! them, people read the rest.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use badge::{ExtractError, Place, Refusal};
use proof::DocumentError;
use serde::{Deserialize, Serialize};
use store::{IntakeError, StoreError};
use utoipa::ToSchema;

use crate::finding::Finding;
use crate::parameters::Named;

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// Every code of this service's own; a refused badge has the code of its refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemCode {
            $($(#[$doc])* $name,)*
            /// The strict reader refused the badge.
            Refused(badge::Code),
        }

        impl ProblemCode {
            const OWN: &[Self] = &[$(Self::$name),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                    Self::Refused(code) => code.as_str(),
                }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status,)*
                    Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
                }
            }

            /// What it means, in one line.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                    Self::Refused(_) => "The badge is refused by the digest rules",
                }
            }
        }
    };
}

problem_codes! {
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not the JSON that is expected here";
    UnknownMember = "unknown_member", BAD_REQUEST, "The body has a member that this call does not know";
    MissingMember = "missing_member", BAD_REQUEST, "A member is missing";
    InvalidMember = "invalid_member", BAD_REQUEST, "A member has a value that it cannot have";
    ConflictingMembers = "conflicting_members", BAD_REQUEST, "Members exclude each other";
    InvalidParameter = "invalid_parameter", BAD_REQUEST, "A parameter of the URL is unknown or has a value that it cannot have";
    IdempotencyKeyMalformed = "idempotency_key_malformed", BAD_REQUEST, "The Idempotency-Key is none";
    TooManyLines = "too_many_lines", PAYLOAD_TOO_LARGE, "A bulk body has too many lines";
    KeyMissing = "key_missing", UNAUTHORIZED, "This call needs an API key";
    KeyMalformed = "key_malformed", UNAUTHORIZED, "This is not an API key of this service";
    KeyUnknown = "key_unknown", UNAUTHORIZED, "The API key is unknown, expired or revoked";
    ScopeMissing = "scope_missing", FORBIDDEN, "The API key does not allow this call";
    NotFound = "not_found", NOT_FOUND, "There is no such thing here";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The path does not have this method";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long";
    KnownIdOtherContent = "known_id_other_content", NOT_FOUND, "A badge with this id was submitted, but with other content";
    AlreadyAcceptedDifferently = "already_accepted_differently", CONFLICT, "The badge was accepted with other options";
    MintedToAnother = "minted_to_another", CONFLICT, "The badge's token has another owner";
    BadgeRevoked = "badge_revoked", CONFLICT, "The badge is revoked";
    AlreadyRevokedDifferently = "already_revoked_differently", CONFLICT, "The badge was revoked for another reason";
    IdempotencyKeyInUse = "idempotency_key_in_use", CONFLICT, "A request with this Idempotency-Key is being answered";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    IssuerMissing = "issuer_missing", UNPROCESSABLE_ENTITY, "Neither the request nor the badge names an issuer";
    IssuerNotRegistered = "issuer_not_registered", UNPROCESSABLE_ENTITY, "The issuer is not one that this key may speak for";
    NoCollection = "no_collection", UNPROCESSABLE_ENTITY, "There is no collection in which a token could be minted";
    WindowInFuture = "window_in_future", UNPROCESSABLE_ENTITY, "windowStartedAt lies in the future";
    DeadlineUnkeepable = "deadline_unkeepable", UNPROCESSABLE_ENTITY, "Too little time is left to keep the promise";
    ProofRefused = "proof_refused", UNPROCESSABLE_ENTITY, "The proof document is malformed";
    ProofOfAnotherBadge = "proof_of_another_badge", UNPROCESSABLE_ENTITY, "The proof is of another badge";
    ProofNotAnchored = "proof_not_anchored", UNPROCESSABLE_ENTITY, "The proof does not lead to an anchor yet";
    ProofInconsistent = "proof_inconsistent", UNPROCESSABLE_ENTITY, "The proof document contradicts itself";
    EmbeddingChangesDigest = "embedding_changes_digest", UNPROCESSABLE_ENTITY, "A proof inside this form of badge would change its digest";
    EmbeddingBreaksSignature = "embedding_breaks_signature", UNPROCESSABLE_ENTITY, "A proof inside this form of badge would break its signature";
    NoPlaceForProof = "no_place_for_proof", UNPROCESSABLE_ENTITY, "The badge's file has no place for a proof";
    SeveralEmbeddedProofs = "several_embedded_proofs", UNPROCESSABLE_ENTITY, "The badge holds more than one embedded proof";
    EmbeddedProofRefused = "embedded_proof_refused", UNPROCESSABLE_ENTITY, "The proof that is embedded in the badge is malformed";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was given to another request";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something is wrong with the service";
    IntakeBusy = "intake_busy", SERVICE_UNAVAILABLE, "The intake queue is full";
    PromiseAtRisk = "promise_at_risk", SERVICE_UNAVAILABLE, "Intake is closed until open promises are safe again";
    BeingSealed = "being_sealed", SERVICE_UNAVAILABLE, "The badge's batch is being sealed at this moment";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service cannot do this at the moment";
}

/// Why a request was not fulfilled. Holds no key, token, digest or content of a badge.
#[derive(Debug, Clone)]
pub struct Problem {
    code: ProblemCode,
    detail: Cow<'static, str>,
    pointer: Option<String>,
    offset: Option<u64>,
    retry_after_s: Option<u32>,
    presented: Option<Finding>,
}

/// A problem as sent (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDocument {
    /// Where the code is explained, relative to the service.
    #[serde(rename = "type")]
    #[schema(example = "/v1/problems/issuer_not_registered")]
    pub kind: String,
    /// What the code means.
    #[schema(example = "The issuer is not one that this key may speak for")]
    pub title: String,
    /// The HTTP status; in a bulk answer, what a single submission would have got.
    #[schema(example = 422)]
    pub status: u16,
    /// Stable; compare this.
    #[schema(example = "issuer_not_registered")]
    pub code: String,
    /// What is wrong in this case.
    #[schema(example = "https://other.example/ is not registered to this account")]
    pub detail: String,
    /// Where in the request's JSON (RFC 6901).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Bytes before the place, within the member that `pointer` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// In a bulk answer: the line of the request, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Of a badge that was presented for its proof: what is known of it, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presented: Option<Finding>,
}

/// For results of handlers.
pub(crate) type Answer<T> = Result<T, Problem>;

impl Problem {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            pointer: None,
            offset: None,
            retry_after_s: None,
            presented: None,
        }
    }

    /// The one 404: unknown, erased, closed and foreign things are not told apart.
    pub(crate) fn not_found() -> Self {
        Self::new(ProblemCode::NotFound, "unknown, erased, or not yours to see")
    }

    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Says what is known of the presented badge.
    pub(crate) fn found(mut self, finding: Finding) -> Self {
        self.presented = Some(finding);
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// A refused badge that stood at `pointer` of the request.
    pub(crate) fn refused(refusal: &Refusal, pointer: &str) -> Self {
        let problem = Self::new(ProblemCode::Refused(refusal.code), refusal.detail);
        match &refusal.place {
            Place::Pointer(inner) => problem.at(format!("{pointer}{inner}")),
            Place::Byte(offset) => {
                Self { offset: u64::try_from(*offset).ok(), ..problem.at(pointer) }
            }
            // neither a pointer nor an offset into the request reaches there
            place @ Place::Inside(..) => {
                let detail = format!("{}; at {place}", refusal.detail).into();
                Self { detail, ..problem.at(pointer) }
            }
        }
    }

    /// As [`Self::refused`], of a badge that was presented for its proof.
    pub(crate) fn unreadable(refusal: &Refusal, pointer: &str) -> Self {
        Self::refused(refusal, pointer).found(Finding::unreadable(refusal))
    }

    /// A refused proof document, at `/proof` of the request.
    pub(crate) fn refused_proof(error: &DocumentError) -> Self {
        let pointer = match error {
            DocumentError::At { pointer, .. } => format!("/proof{pointer}"),
            DocumentError::TooLarge { .. } => "/proof".to_owned(),
        };
        Self::new(ProblemCode::ProofRefused, error.to_string()).at(pointer)
    }

    /// A badge whose embedded proof is refused; it stood at `pointer` of the request.
    pub(crate) fn refused_embedded(error: &ExtractError, pointer: &str) -> Self {
        let code = match error {
            ExtractError::Refused(refusal) => return Self::unreadable(refusal, pointer),
            ExtractError::Several => ProblemCode::SeveralEmbeddedProofs,
            ExtractError::Carrier(_) | ExtractError::Embedded(_) => {
                ProblemCode::EmbeddedProofRefused
            }
        };
        Self::new(code, error.to_string()).at(pointer)
    }

    /// Another request with the same `Idempotency-Key` runs, or ended a moment ago.
    pub(crate) fn key_in_use() -> Self {
        let detail = "a request with this key has not been answered yet; repeat this one";
        Self::new(ProblemCode::IdempotencyKeyInUse, detail).retry_after(1)
    }

    /// Stored values that contradict each other. Logged here.
    pub(crate) fn corrupt(what: &str) -> Self {
        tracing::error!(what, "stored data contradict each other");
        Self::new(ProblemCode::Internal, "stored data contradict each other; the operator is told")
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    pub(crate) fn document(&self, line: Option<u64>) -> ProblemDocument {
        ProblemDocument {
            kind: format!("/v1/problems/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.detail.clone().into_owned(),
            pointer: self.pointer.clone(),
            offset: self.offset,
            line,
            presented: self.presented.clone(),
        }
    }
}

impl From<StoreError> for Problem {
    /// Logged here, once; a caller that can do better matches before.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::Unavailable(_) | StoreError::Conflict(_) | StoreError::Schema(_) => {
                tracing::error!(%error, "the store did not answer");
                Self::new(ProblemCode::Unavailable, "the database does not answer").retry_after(5)
            }
            StoreError::KeyTaken => Self::key_in_use(),
            StoreError::StaleLease
            | StoreError::Transition(_)
            | StoreError::Corrupt(_)
            | StoreError::Limit(_) => {
                tracing::error!(%error, "the store refused");
                Self::new(ProblemCode::Internal, "the database refused; the operator is told")
            }
        }
    }
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Busy => {
                Self::new(ProblemCode::IntakeBusy, "the intake queue is full").retry_after(1)
            }
            IntakeError::Stopped => {
                Self::new(ProblemCode::Unavailable, "the service is stopping").retry_after(5)
            }
            IntakeError::Store(error) => {
                tracing::error!(%error, "a commit failed");
                let detail = "the database did not confirm; repeat the same request";
                Self::new(ProblemCode::Unavailable, detail).retry_after(5)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), Json(self.document(None))).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code.status() == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"ingam\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What one code means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemType {
    #[schema(example = "issuer_not_registered")]
    code: &'static str,
    #[schema(example = 422)]
    status: u16,
    title: &'static str,
}

impl From<ProblemCode> for ProblemType {
    fn from(code: ProblemCode) -> Self {
        Self { code: code.as_str(), status: code.status().as_u16(), title: code.title() }
    }
}

/// All codes of the service's own.
#[utoipa::path(
    get, path = "/v1/problems", operation_id = "listProblems", tag = "service",
    responses((status = 200, body = [ProblemType],
        description = "The service's own codes; a refused badge has the code of its refusal"))
)]
pub(crate) async fn list() -> Json<Vec<ProblemType>> {
    Json(ProblemCode::OWN.iter().copied().map(ProblemType::from).collect())
}

/// What one code means.
#[utoipa::path(
    get, path = "/v1/problems/{code}", operation_id = "getProblem", tag = "service",
    params(("code" = String, Path, example = "issuer_not_registered")),
    responses((status = 200, body = ProblemType))
)]
pub(crate) async fn one(Named(code): Named<String>) -> Answer<Json<ProblemType>> {
    let own = ProblemCode::OWN.iter().copied();
    let refusals = badge::Code::ALL.into_iter().map(ProblemCode::Refused);
    let found = own.chain(refusals).find(|known| known.as_str() == code);
    Ok(Json(found.ok_or_else(Problem::not_found)?.into()))
}
