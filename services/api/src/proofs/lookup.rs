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
use crate::blocking::{off_the_runtime, place_for_an_image};
use crate::body;
use crate::finding::{self, Finding};
use crate::members::{Members, missing};
use crate::presented::{PresentedBadge, is_bare};
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::{ImageSchema, LookupSchema, ProofSchema};
use crate::service::{Service, Shared};
use crate::trust::Published;

/// Proofs of one badge; several when several issuers anchored it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Found {
    /// Those whose issuer the badge names come first. Without receipts.
    #[schema(value_type = Vec<ProofSchema>)]
    proofs: Vec<ProofDocument>,
    presented: Finding,
}

/// What is looked for.
enum Wanted {
    Badge(Box<Badge>),
    Digest(DeclaredHash),
}

/// Find proofs by badge or digest.
///
/// A badge of any form: as `badge` (JSON), as `badgeBase64`, or its file (JWT, PNG, SVG) as the
/// body itself. Digests of rule `opaque` cannot be looked up. Unknown, erased and closed badges get
/// one identical 404. A badge whose content is not known but whose `id` is gets a 404 of its own:
/// it was rewritten or altered since it was submitted, or is another edition. `presented` says
/// which of the four cases it is (`match`, `other-content`, `unknown`, `unreadable`) and what to do.
#[utoipa::path(
    post, path = "/v1/proofs/lookup", operation_id = "lookUpProofs", tag = "proofs",
    request_body(description = "`rule` and `digest`, or a badge", content(
        (LookupSchema = "application/json"), (String = "application/jwt"),
        (ImageSchema = "image/png"), (ImageSchema = "image/svg+xml"),
    )),
    responses(
        (status = 200, body = Found),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "`not_found` or `known_id_other_content`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "The badge is refused by the digest rules"),
    )
)]
pub(crate) async fn lookup(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let limits = &service.state.config.limits;
    let bytes = body::read(&headers, body, limits.image_body_bytes).await?;
    let wanted = {
        let is_large = bytes.len() > limits.body_bytes;
        let _place = is_large.then(|| place_for_an_image(&service)).transpose()?;
        off_the_runtime(move || Wanted::read(&bytes)).await??
    };
    let records = match &wanted {
        Wanted::Badge(badge) => by_badge(&service, badge).await?,
        Wanted::Digest(declared) => by_digest(&service, declared.rule, declared.digest).await?,
    };
    let mut documents = Documents::new(&service);
    let mut proofs = Vec::with_capacity(records.len());
    for record in &records {
        proofs.push(documents.of(record, WithReceipt::No).await?);
    }
    if proofs.is_empty() {
        return Err(match &wanted {
            Wanted::Badge(badge) => finding::not_found(&service, badge).await?,
            Wanted::Digest(_) => Problem::not_found().found(Finding::unknown()),
        });
    }
    let found = Found { proofs, presented: Finding::found() };
    Ok(([(CACHE_CONTROL, "no-store")], Json(found)))
}

impl Wanted {
    fn read(body: &[u8]) -> Answer<Self> {
        if is_bare(body) {
            return Self::badge(&PresentedBadge::bare(body));
        }
        let mut members = Members::parse(body)?;
        let badge = PresentedBadge::take(&mut members)?;
        let rule = members.optional::<String>("rule")?;
        let digest = members.optional::<String>("digest")?;
        members.finish()?;
        match (badge, rule, digest) {
            (Some(badge), None, None) => Self::badge(&badge),
            (None, Some(rule), Some(digest)) => DeclaredHash::parse(&rule, &digest)
                .map(Self::Digest)
                .map_err(|why| Problem::refused(&why, "")),
            (None, Some(_), None) => Err(missing("digest")),
            (None, None, Some(_)) => Err(missing("rule")),
            (None, None, None) => Err(missing("badge")),
            (Some(badge), _, _) => {
                let detail = "send either a badge, or rule and digest";
                Err(Problem::new(ProblemCode::ConflictingMembers, detail).at(badge.place))
            }
        }
    }

    fn badge(presented: &PresentedBadge<'_>) -> Answer<Self> {
        let read = badge::read(&presented.bytes);
        read.map(|badge| Self::Badge(Box::new(badge)))
            .map_err(|why| Problem::unreadable(&why, presented.place))
    }
}

/// Anchored copies of a badge, those of an issuer that the badge names first.
pub(crate) async fn by_badge(service: &Service, badge: &Badge) -> Answer<Vec<BadgeRecord>> {
    let mut records = by_digest(service, badge.rule, badge.digest).await?;
    let trust = service.trust.current(service).await?;
    let matches = |record: &BadgeRecord| {
        issuer_match_of(badge, record, trust.as_deref()) == IssuerMatch::Match
    };
    // stable: equal ones stay in the order of their acceptance
    records.sort_by_key(|record| !matches(record));
    Ok(records)
}

/// Whether a badge names the issuer of a stored one, by the published identifier and aliases.
pub(crate) fn issuer_match_of(
    badge: &Badge,
    record: &BadgeRecord,
    trust: Option<&Published>,
) -> IssuerMatch {
    let entry = trust.and_then(|trust| trust.file.issuer(record.identifier.as_str()));
    let aliases = entry.map(|entry| entry.aliases.as_slice()).unwrap_or_default();
    issuer_match(badge, &record.identifier, aliases)
}

/// What the public may find.
async fn by_digest(service: &Service, rule: Rule, digest: Hash) -> Answer<Vec<BadgeRecord>> {
    let mut records = service.store().badges_by_digest(rule, digest).await?;
    records.retain(|record| record.public_lookup);
    Ok(records)
}
