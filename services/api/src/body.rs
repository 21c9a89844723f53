//! Bodies, bounded before anything is parsed.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;

use crate::problem::{Answer, Problem, ProblemCode};

/// Reads a body of at most `limit` bytes; one that announces more is not read at all.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Answer<Bytes> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    to_bytes(body, limit).await.map_err(|error| {
        if over_limit(&error) {
            too_large(limit)
        } else {
            Problem::new(ProblemCode::MalformedJson, "the body ended before it was whole")
        }
    })
}

fn over_limit(error: &axum::Error) -> bool {
    let mut source = Some(error as &dyn std::error::Error);
    while let Some(inner) = source {
        if inner.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = inner.source();
    }
    false
}

fn too_large(limit: usize) -> Problem {
    Problem::new(ProblemCode::BodyTooLarge, format!("at most {limit} bytes are taken here"))
}
