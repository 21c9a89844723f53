//! `POST /v1/embed`: a badge with its proof in it. Nothing is stored or logged.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName};
use axum::response::IntoResponse;
use badge::{EmbedError, Form};
use proof::ProofDocument;

use crate::blocking::{off_the_runtime, place_for_an_image};
use crate::body;
use crate::members::{Members, missing};
use crate::presented::PresentedBadge;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::schemas::{EmbeddingSchema, ImageSchema};
use crate::service::Shared;

const DATA_MODEL_2: &str = "https://www.w3.org/ns/credentials/v2";

/// A file, and how it is called.
struct Embedded {
    bytes: Vec<u8>,
    media_type: &'static str,
    disposition: &'static str,
}

/// Write a badge's proof into the badge.
///
/// The answer is the badge in the form it came in, with its digest and its issuer's signature
/// unchanged. A JWT and a badge of Open Badges 2 in JSON have no place for a proof; their baked
/// images have. A verifier that demands that every entry of a credential's `proof` verifies
/// rejects one that it does not know: for such, keep the proof document as a file of its own.
/// Whether the proof holds is not asked here; that is `/v1/verify`.
#[utoipa::path(
    post, path = "/v1/embed", operation_id = "embed", tag = "proofs",
    request_body(content = EmbeddingSchema),
    responses(
        (status = 200, description = "The badge with the proof in it", content(
            (ImageSchema = "image/png"), (ImageSchema = "image/svg+xml"),
            (Object = "application/vc"), (Object = "application/ld+json"),
            (Object = "application/jose+json"),
        )),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json",
            description = "`proof_of_another_badge`, `proof_not_anchored`, `proof_inconsistent`, \
                `proof_refused`, `embedding_changes_digest`, `embedding_breaks_signature`, \
                `no_place_for_proof`, or the badge is refused by the digest rules"),
    )
)]
pub(crate) async fn embed(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let bytes = body::read(&headers, body, service.state.config.limits.image_body_bytes).await?;
    // held until the file is made
    let _place = place_for_an_image(&service)?;
    let Embedded { bytes, media_type, disposition } =
        off_the_runtime(move || embedded(&bytes)).await??;
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-store"),
        // whatever a posted SVG holds, it is a file to keep and never a page of this service
        (CONTENT_DISPOSITION, disposition),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, bytes))
}

fn embedded(request: &[u8]) -> Answer<Embedded> {
    let mut members = Members::parse(request)?;
    let badge = PresentedBadge::take(&mut members)?;
    let proof = members.raw("proof");
    members.finish()?;
    let badge = badge.ok_or_else(|| missing("badge"))?;
    let proof = ProofDocument::parse(proof.ok_or_else(|| missing("proof"))?)
        .map_err(|why| Problem::refused_proof(&why))?;
    let bytes = badge::embed(&badge.bytes, &proof).map_err(|why| refused(&why, badge.place))?;
    let (media_type, disposition) = file_type(&bytes);
    Ok(Embedded { bytes, media_type, disposition })
}

fn refused(why: &EmbedError, place: &'static str) -> Problem {
    match why {
        EmbedError::Refused(refusal) => Problem::refused(refusal, place),
        EmbedError::AnotherBadge => {
            Problem::new(ProblemCode::ProofOfAnotherBadge, why.to_string()).at("/proof/badge")
        }
        EmbedError::Proof(_) if why.code() == ProblemCode::ProofNotAnchored.as_str() => {
            Problem::new(ProblemCode::ProofNotAnchored, why.to_string()).at("/proof")
        }
        EmbedError::Proof(_) => {
            Problem::new(ProblemCode::ProofInconsistent, why.to_string()).at("/proof")
        }
        EmbedError::ChangesDigest => {
            Problem::new(ProblemCode::EmbeddingChangesDigest, why.to_string()).at(place)
        }
        EmbedError::BreaksSignature => {
            Problem::new(ProblemCode::EmbeddingBreaksSignature, why.to_string()).at(place)
        }
        EmbedError::NoPlace(_) => {
            Problem::new(ProblemCode::NoPlaceForProof, why.to_string()).at(place)
        }
    }
}

fn file_type(bytes: &[u8]) -> (&'static str, &'static str) {
    match badge::classify(bytes) {
        Form::Png => ("image/png", "attachment; filename=\"badge.png\""),
        Form::Svg => ("image/svg+xml", "attachment; filename=\"badge.svg\""),
        Form::JwsJson => ("application/jose+json", "attachment; filename=\"badge.json\""),
        _ if is_of_data_model_2(bytes) => ("application/vc", "attachment; filename=\"badge.json\""),
        _ => ("application/ld+json", "attachment; filename=\"badge.json\""),
    }
}

/// `application/vc` is registered for version 2 of the data model.
fn is_of_data_model_2(bytes: &[u8]) -> bool {
    badge::open(bytes, |opened| {
        let contexts = opened.credential.get("@context").map(badge::json::Value::as_set);
        Ok(contexts.unwrap_or_default().first().and_then(|first| first.as_str())
            == Some(DATA_MODEL_2))
    })
    .unwrap_or(false)
}
