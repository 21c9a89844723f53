//! Answers that a client may keep and ask about again (RFC 9110 section 13).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use proof::Hash;

/// May be kept, must be asked about each time.
pub(crate) const REVALIDATE: &str = "no-cache";
/// Never changes.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The body under a strong entity tag of its own bytes; 304 without it when the client has it.
pub(crate) fn answer(
    request: &HeaderMap,
    content_type: &'static str,
    caching: &'static str,
    body: impl Into<Body> + AsRef<[u8]>,
) -> Response {
    let mut tag = Hash::of(&[body.as_ref()]).to_string();
    tag.truncate(32);
    let tag = format!("\"{tag}\"");
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|list| list.split(',')).map(str::trim);
    let fresh = known.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag);
    let mut response =
        if fresh { Response::new(Body::empty()) } else { Response::new(body.into()) };
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}
