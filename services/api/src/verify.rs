//! `POST /v1/verify`: the report of named checks, with the chain read live. Nothing is stored or
//! logged.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use chain::{At, Chain, ChainError, TokenFact};
use proof::{DocumentError, ProofDocument};
use verifier::{
    AnchoredRecord, ChainReading, Presented, Question, Read, ReadingNeeded, Readings,
    ReadingsNeeded, TokenRead, TokenReading, TokenReadingNeeded, Unreachable, readings_needed,
    verify as judge,
};

use crate::body;
use crate::members::{Members, missing};
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::proofs::document::{Documents, WithReceipt};
use crate::proofs::lookup::by_badge;
use crate::schemas::{ReportSchema, VerifySchema};
use crate::service::{Service, Shared};

/// Verify a badge against its proof.
///
/// With `badge` alone, the proof is looked up here. The judge is this service's published trust
/// file; whoever does not want to trust this service runs `ingam verify` instead.
#[utoipa::path(
    post, path = "/v1/verify", operation_id = "verify", tag = "proofs",
    request_body(content = VerifySchema),
    responses(
        (status = 200, body = ReportSchema, description = "The report, whatever its verdict"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json",
            description = "No proof was sent and none is known for the badge"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`proof_refused`, or the badge is refused by the digest rules"),
    )
)]
pub(crate) async fn verify(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let bytes = body::read(&headers, body, service.state.config.limits.body_bytes).await?;
    let mut members = Members::parse(&bytes)?;
    let badge = members.raw("badge");
    let proof = members.raw("proof");
    members.finish()?;
    let document = match (badge, proof) {
        (None, None) => return Err(missing("badge")),
        (_, Some(proof)) => ProofDocument::parse(proof).map_err(|why| refused(&why))?,
        (Some(badge), None) => found(&service, badge).await?,
    };
    let trust = service.trust.current(&service).await?.ok_or_else(|| {
        Problem::new(ProblemCode::Unavailable, "no trust file is published yet").retry_after(5)
    })?;
    let needed = readings_needed(&document, &trust.file);
    let readings = ask(&service, &needed).await;
    let report = judge(&Question {
        presented: badge.map_or(Presented::Nothing, Presented::Bytes),
        document: &document,
        trust: &trust.file,
        readings: &readings,
        now: service.now(),
    });
    Ok(([(CACHE_CONTROL, "no-store")], Json(report)))
}

fn refused(error: &DocumentError) -> Problem {
    let pointer = match error {
        DocumentError::At { pointer, .. } => format!("/proof{pointer}"),
        DocumentError::TooLarge { .. } => "/proof".to_owned(),
    };
    Problem::new(ProblemCode::ProofRefused, error.to_string()).at(pointer)
}

/// The proof that fits the badge best, from what is stored here.
async fn found(service: &Service, badge: &[u8]) -> Answer<ProofDocument> {
    let badge = badge::read(badge).map_err(|why| Problem::refused(&why, "/badge"))?;
    let records = by_badge(service, &badge).await?;
    let best = records.first().ok_or_else(Problem::not_found)?;
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
