//! One log line and the metrics of each request. Paths may carry tokens, so only the route's
//! pattern is written; never a header, a body or an address.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use crate::service::Shared;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID: usize = 64;

pub(crate) async fn observe(
    State(service): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id(&service, &request);
    let method = shown(request.method());
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("(unknown)", MatchedPath::as_str).to_owned();

    let mut response = next.run(request).await;

    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request.id = %id, method, route, status, elapsed_ms, "request");
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
    metrics::histogram!("ingam_http_request_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    metrics::counter!("ingam_http_requests_total", &labels).increment(1);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// A caller may invent methods, and each would be a metric of its own.
fn shown(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The caller's id for the request, when it is harmless; else a random one.
fn request_id(service: &Shared, request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless = |text: &&str| {
        (1..=MAX_REQUEST_ID).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    given
        .filter(harmless)
        .map_or_else(|| hex::encode(&service.state.entropy.bytes32()[..8]), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_method_is_no_label() {
        assert_eq!(shown(&Method::GET), "GET");
        let invented = Method::from_bytes(b"MKBADGE42").unwrap();
        assert_eq!(shown(&invented), "other");
    }
}
