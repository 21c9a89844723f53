//! `POST /v1/verify`: the report of named checks, with the chain read live. Nothing is stored or
//! logged.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use badge::{Badge, Refusal};
use chain::{At, Chain, ChainError, TokenFact};
use proof::ProofDocument;
use serde::Serialize;
use verifier::{
    AnchoredRecord, ChainReading, Presented, Question, Read, ReadingNeeded, Readings,
    ReadingsNeeded, Report, TokenRead, TokenReading, TokenReadingNeeded, Unreachable,
    readings_needed, verify as judge,
};

use crate::blocking::{off_the_runtime, place_for_an_image};
use crate::body;
use crate::finding::{self, Finding};
use crate::members::{Members, invalid, missing};
use crate::presented::{PresentedBadge, is_bare};
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::proofs::document::{Documents, WithReceipt};
use crate::proofs::lookup::by_badge;
use crate::schemas::{ImageSchema, ReportSchema, VerifySchema};
use crate::service::{Service, Shared};

/// Verify a badge against its proof.
///
/// A badge of any form: as `badge` (JSON), as `badgeBase64`, or its file (JWT, PNG, SVG) as the
/// body itself. Without `proof`, the one that is embedded in the badge counts, else it is looked up
/// here. `presented` says what this service knows of the badge, apart from the verdict, and what to
/// do. The judge is this service's published trust file; whoever does not want to trust this service
/// runs `ingam verify` instead.
#[utoipa::path(
    post, path = "/v1/verify", operation_id = "verify", tag = "proofs",
    request_body(description = "A badge, a proof, or both; or the badge's file", content(
        (VerifySchema = "application/json"), (String = "application/jwt"),
        (ImageSchema = "image/png"), (ImageSchema = "image/svg+xml"),
    )),
    responses(
        (status = 200, body = ReportSchema, description = "The report, whatever its verdict"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "No proof was sent, none is in the badge and none is known for it: \
                `not_found`, or `known_id_other_content`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`proof_refused`, `several_embedded_proofs`, `embedded_proof_refused`, or \
                the badge is refused by the digest rules"),
    )
)]
pub(crate) async fn verify(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let bytes = body::read(&headers, body, service.state.config.limits.image_body_bytes).await?;
    // held until the report is made
    let _place = place_for_an_image(&service)?;
    let Asked { badge, document, recipient } =
        off_the_runtime(move || Asked::read(&bytes)).await??;
    let document = match (document, &badge) {
        (Some(document), _) => document,
        (None, Some(badge)) => found(&service, badge).await?,
        (None, None) => return Err(missing("badge")),
    };
    let presented = match &badge {
        Some(badge) => Some(Finding::of_judged(&service, &badge.read, &document).await?),
        None => None,
    };
    let trust = service.trust.current(&service).await?.ok_or_else(|| {
        Problem::new(ProblemCode::Unavailable, "no trust file is published yet").retry_after(5)
    })?;
    let needed = readings_needed(&document, &trust.file);
    let readings = ask(&service, &needed).await;
    let now = service.now();
    // the issuer's signature over linked data may take about a second
    let report = off_the_runtime(move || {
        let bytes = badge.as_ref().map(|badge| &badge.presented.bytes[..]);
        judge(&Question {
            presented: bytes.map_or(Presented::Nothing, Presented::Bytes),
            document: &document,
            trust: &trust.file,
            readings: &readings,
            now,
            recipient: recipient.as_deref(),
        })
    })
    .await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(Verified { report, presented })))
}

/// The judge's report, and beside it what this service knows.
#[derive(Serialize)]
struct Verified {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    presented: Option<Finding>,
}

/// Longest `recipient`: longer than any e-mail address, and than the identifiers in use.
const MAX_RECIPIENT_BYTES: usize = 2048;

/// What is to be verified.
struct Asked {
    badge: Option<AskedBadge>,
    /// As sent, else as the badge holds it.
    document: Option<ProofDocument>,
    recipient: Option<String>,
}

/// A badge as sent, and as read.
struct AskedBadge {
    presented: PresentedBadge<'static>,
    read: Result<Badge, Refusal>,
}

impl AskedBadge {
    fn read(presented: PresentedBadge<'_>) -> Self {
        let read = badge::read(&presented.bytes);
        Self { presented: presented.into_owned(), read }
    }
}

impl Asked {
    fn read(request: &[u8]) -> Answer<Self> {
        if is_bare(request) {
            let badge = PresentedBadge::bare(request);
            let document = embedded(&badge)?;
            return Ok(Self { badge: Some(AskedBadge::read(badge)), document, recipient: None });
        }
        let mut members = Members::parse(request)?;
        let badge = PresentedBadge::take(&mut members)?;
        let proof = members.raw("proof");
        let recipient = members.optional::<String>("recipient")?;
        members.finish()?;
        if recipient.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(invalid("recipient", &"nobody is named"));
        }
        if recipient.as_ref().is_some_and(|text| text.len() > MAX_RECIPIENT_BYTES) {
            let why = format!("at most {MAX_RECIPIENT_BYTES} bytes");
            return Err(invalid("recipient", &why));
        }
        let document = match (&badge, proof) {
            (_, Some(proof)) => {
                let parsed = ProofDocument::parse(proof);
                Some(parsed.map_err(|why| Problem::refused_proof(&why))?)
            }
            (Some(badge), None) => embedded(badge)?,
            (None, None) => None,
        };
        Ok(Self { badge: badge.map(AskedBadge::read), document, recipient })
    }
}

fn embedded(badge: &PresentedBadge<'_>) -> Answer<Option<ProofDocument>> {
    badge::extract(&badge.bytes).map_err(|why| Problem::refused_embedded(&why, badge.place))
}

/// The proof that fits the badge best, from what is stored here.
async fn found(service: &Service, asked: &AskedBadge) -> Answer<ProofDocument> {
    let badge = asked.read.as_ref();
    let badge = badge.map_err(|why| Problem::unreadable(why, asked.presented.place))?;
    let records = by_badge(service, badge).await?;
    let Some(best) = records.first() else {
        return Err(finding::not_found(service, badge).await?);
    };
    Documents::new(service).of(best, WithReceipt::No).await
}

/// Only registries and collections that the trust file lists come here.
async fn ask(service: &Service, needed: &ReadingsNeeded) -> Readings {
    let anchors = needed.anchors.iter().map(|one| ask_registry(service, one));
    let token = async {
        match &needed.token {
            None => None,
            Some(one) => Some(ask_collection(service, one).await),
        }
    };
    let (anchors, token) = futures::join!(futures::future::join_all(anchors), token);
    Readings { anchors, token }
}

async fn ask_registry(service: &Service, needed: &ReadingNeeded) -> ChainReading {
    let ReadingNeeded { chain_id, registry, .. } = *needed;
    let outcome = match chain_of(service, chain_id) {
        Err(nobody) => Err(nobody),
        Ok(chain) => read(chain, needed).await.map_err(|error| Unreachable(error.to_string())),
    };
    ChainReading { chain_id, registry, outcome }
}

async fn ask_collection(service: &Service, needed: &TokenReadingNeeded) -> TokenReading {
    let TokenReadingNeeded { registry: ReadingNeeded { chain_id, .. }, contract, id } = *needed;
    let outcome = match chain_of(service, chain_id) {
        Err(nobody) => Err(nobody),
        Ok(chain) => {
            read_token(chain, needed).await.map_err(|error| Unreachable(error.to_string()))
        }
    };
    TokenReading { chain_id, contract, id, outcome }
}

fn chain_of(service: &Service, chain_id: u64) -> Result<&Arc<dyn Chain>, Unreachable> {
    let chain = service.state.chains.iter().find(|chain| chain.chain_id() == chain_id);
    chain.ok_or_else(|| Unreachable(format!("this service has no node of chain {chain_id}")))
}

async fn read_token(
    chain: &Arc<dyn Chain>,
    needed: &TokenReadingNeeded,
) -> Result<TokenRead, ChainError> {
    let TokenReadingNeeded { registry: batch, contract, id } = needed;
    let registry = read(chain, batch).await?;
    let minted = chain.minted(*contract, batch.commitment, At::Head).await?.is_some();
    let TokenFact { owner, valid } = chain.token(*contract, *id, At::Head).await?;
    Ok(TokenRead { registry, minted, valid, owner })
}

async fn read(chain: &Arc<dyn Chain>, needed: &ReadingNeeded) -> Result<Read, ChainError> {
    let ReadingNeeded { registry, commitment, index, .. } = *needed;
    // first what is final: a record seen later with a time no later than this one's is behind it,
    // whatever the head does in between
    let finalized = chain.finalized().await?;
    let anchored = chain.anchored(registry, commitment, At::Head).await?;
    let index = u32::try_from(index)
        .map_err(|_| ChainError::Contract("a leaf index has 32 bits".to_owned()))?;
    let revoked = chain.revoked(registry, commitment, &[index], At::Head).await?;
    let head = chain.head().await?;
    let record = anchored.map(|fact| AnchoredRecord {
        operator: fact.operator,
        time: fact.time,
        block_number: fact.block_number,
    });
    Ok(Read {
        finalized_time: finalized.time,
        finalized_number: finalized.block.number,
        head_number: head.block.number,
        anchored: record,
        revoked: revoked.first().copied().unwrap_or_default(),
    })
}
