//! `/.well-known/ingam.json` and `GET /v1/trust`: whom and what a verifier may trust, and what it
//! was before.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use proof::{Hash, Timestamp, TrustFile};
use serde::Serialize;
use serde_json::value::RawValue;
use store::TrustVersion;

use crate::conditional::{self, REVALIDATE};
use crate::problem::{Answer, Problem, ProblemDocument};
use crate::recent::Recent;
use crate::schemas::{TrustHistorySchema, TrustSchema};
use crate::service::{Service, Shared};

/// How old the remembered file may be, in milliseconds.
const TRUST_MEMORY_MS: i64 = 2_000;

/// What is published.
pub(crate) struct Published {
    /// The newest.
    pub(crate) file: TrustFile,
    /// All, oldest first.
    history: Vec<TrustVersion>,
}

pub(crate) struct TrustMemory(Recent<(), Option<Arc<Published>>>);

impl TrustMemory {
    pub(crate) fn new() -> Self {
        Self(Recent::new(TRUST_MEMORY_MS, 1))
    }

    /// What is published now; `None` before the first publication.
    pub(crate) async fn current(&self, service: &Service) -> Answer<Option<Arc<Published>>> {
        self.0.get_or_read((), service.now(), read(service)).await
    }
}

async fn read(service: &Service) -> Answer<Option<Arc<Published>>> {
    let history = service.store().trust_history().await?;
    let Some(newest) = history.last() else { return Ok(None) };
    let file = parse(newest)?;
    Ok(Some(Arc::new(Published { file, history })))
}

fn parse(version: &TrustVersion) -> Answer<TrustFile> {
    TrustFile::parse(version.document.as_bytes())
        .map_err(|error| Problem::corrupt(&format!("trust file {}: {error}", version.version)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WellKnown<'a> {
    service: &'a str,
    trust: &'a RawValue,
    history: Vec<Past<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Past<'a> {
    version: i64,
    published_at: Timestamp,
    /// SHA-256 of the file's JCS form: what is anchored.
    digest: Hash,
    trust: &'a RawValue,
}

/// The trust file and all its versions.
///
/// Nothing is ever removed; entries end. A verifier keeps its own copy and does not ask here at
/// verification time.
#[utoipa::path(
    get, path = "/.well-known/ingam.json", operation_id = "getTrustHistory", tag = "trust",
    responses(
        (status = 200, body = TrustHistorySchema, headers(("ETag" = String))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "Nothing is published yet"),
    )
)]
pub(crate) async fn well_known(
    State(service): State<Shared>,
    headers: HeaderMap,
) -> Answer<Response> {
    let published = service.trust.current(&service).await?.ok_or_else(Problem::not_found)?;
    let raw = |version: &TrustVersion| {
        RawValue::from_string(version.document.clone())
            .map_err(|_| Problem::corrupt("a trust file that is no JSON"))
    };
    let texts = published.history.iter().map(raw).collect::<Answer<Vec<_>>>()?;
    let mut history = Vec::with_capacity(texts.len());
    for (version, trust) in published.history.iter().zip(&texts) {
        let TrustVersion { version: number, published_at, .. } = *version;
        let digest = parse(version)?.digest();
        history.push(Past { version: number, published_at, digest, trust });
    }
    let trust = texts.last().ok_or_else(Problem::not_found)?;
    let document = WellKnown { service: &published.file.service, trust, history };
    let body = serde_json::to_vec(&document)
        .map_err(|_| Problem::corrupt("trust files that cannot be written"))?;
    Ok(conditional::answer(&headers, "application/json", REVALIDATE, body))
}

/// The trust file as published last, byte for byte: for `ingam verify --trust`.
#[utoipa::path(
    get, path = "/v1/trust", operation_id = "getTrustFile", tag = "trust",
    responses(
        (status = 200, body = TrustSchema, headers(("ETag" = String))),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "Nothing is published yet"),
    )
)]
pub(crate) async fn file(State(service): State<Shared>, headers: HeaderMap) -> Answer<Response> {
    let published = service.trust.current(&service).await?.ok_or_else(Problem::not_found)?;
    let newest = published.history.last().ok_or_else(Problem::not_found)?;
    let body = newest.document.clone();
    Ok(conditional::answer(&headers, "application/json", REVALIDATE, body))
}
