//! `POST /v1/proofs/lookup`: proofs for whoever has the badge or its digest.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use badge::{Badge, DeclaredHash, IssuerMatch, issuer_match};
use domain::BadgeRecord;
use proof::{Hash, ProofDocument, Rule};
use serde::Serialize;
use utoipa::ToSchema;

use super::document::{Documents, WithReceipt};
use crate::body;
use crate::members::{Members, missing};
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::{LookupSchema, ProofSchema};
use crate::service::{Service, Shared};

/// Proofs of one badge; several when several issuers anchored it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Found {
    /// Those whose issuer the badge names come first. Without receipts.
    #[schema(value_type = Vec<ProofSchema>)]
    proofs: Vec<ProofDocument>,
}

/// Find proofs by badge or digest.
///
/// Digests of rule `opaque` cannot be looked up. Unknown, erased and closed badges get one
/// identical 404.
#[utoipa::path(
    post, path = "/v1/proofs/lookup", operation_id = "lookUpProofs", tag = "proofs",
    request_body(content = LookupSchema, description = "`rule` and `digest`, or `badge`"),
    responses(
        (status = 200, body = Found),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "The badge is refused by the digest rules"),
    )
)]
pub(crate) async fn lookup(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let bytes = body::read(&headers, body, service.state.config.limits.body_bytes).await?;
    let mut members = Members::parse(&bytes)?;
    let badge = members.raw("badge");
    let rule = members.optional::<String>("rule")?;
    let digest = members.optional::<String>("digest")?;
    members.finish()?;
    let records = match (badge, rule, digest) {
        (Some(bytes), None, None) => {
            let badge = badge::read(bytes).map_err(|why| Problem::refused(&why, "/badge"))?;
            by_badge(&service, &badge).await?
        }
        (None, Some(rule), Some(digest)) => {
            let declared =
                DeclaredHash::parse(&rule, &digest).map_err(|why| Problem::refused(&why, ""))?;
            by_digest(&service, declared.rule, declared.digest).await?
        }
        (None, Some(_), None) => return Err(missing("digest")),
        (None, None, Some(_)) => return Err(missing("rule")),
        (None, None, None) => return Err(missing("badge")),
        (Some(_), _, _) => {
            let detail = "send either badge, or rule and digest";
            return Err(Problem::new(ProblemCode::ConflictingMembers, detail).at("/badge"));
        }
    };
    let mut documents = Documents::new(&service);
    let mut proofs = Vec::with_capacity(records.len());
    for record in &records {
        proofs.push(documents.of(record, WithReceipt::No).await?);
    }
    if proofs.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(([(CACHE_CONTROL, "no-store")], Json(Found { proofs })))
}

/// Anchored copies of a badge, those of an issuer that the badge names first.
pub(crate) async fn by_badge(service: &Service, badge: &Badge) -> Answer<Vec<BadgeRecord>> {
    let mut records = by_digest(service, badge.rule, badge.digest).await?;
    let trust = service.trust.current(service).await?;
    let matches = |record: &BadgeRecord| {
        let entry = trust.as_ref().and_then(|trust| trust.file.issuer(record.identifier.as_str()));
        let aliases = entry.map(|entry| entry.aliases.as_slice()).unwrap_or_default();
        issuer_match(badge, &record.identifier, aliases) == IssuerMatch::Match
    };
    // stable: equal ones stay in the order of their acceptance
    records.sort_by_key(|record| !matches(record));
    Ok(records)
}

/// What the public may find.
async fn by_digest(service: &Service, rule: Rule, digest: Hash) -> Answer<Vec<BadgeRecord>> {
    let mut records = service.store().badges_by_digest(rule, digest).await?;
    records.retain(|record| record.public_lookup);
    Ok(records)
}
