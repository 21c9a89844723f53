//! What comes back over HTTP: good answers, and those that are none.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// Bytes of a huge answer that are sent at a time.
const PIECE: u64 = 1 << 16;
/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(100);

fn whole(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()).boxed_unsync());
    *answer.status_mut() = status;
    let content_type = hyper::header::HeaderValue::from_static(content_type);
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, content_type);
    answer
}

pub(crate) fn json(value: &Value) -> Answer {
    whole(StatusCode::OK, "application/json", value.to_string())
}

pub(crate) fn text(status: u16, text: &'static str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = whole(status, "text/plain", text);
    if status.is_redirection() {
        let elsewhere = hyper::header::HeaderValue::from_static("http://127.0.0.1:1/");
        answer.headers_mut().insert(hyper::header::LOCATION, elsewhere);
    }
    answer
}

pub(crate) fn html() -> Answer {
    let page = "<!doctype html><title>Maintenance</title><p>We will be back soon.";
    whole(StatusCode::OK, "text/html", page)
}

pub(crate) fn half_json(id: &Value) -> Answer {
    let half = format!(r#"{{"jsonrpc":"2.0","id":{id},"resul"#);
    whole(StatusCode::OK, "application/json", half)
}

pub(crate) fn empty() -> Answer {
    whole(StatusCode::OK, "application/json", "")
}

pub(crate) fn no_result(id: &Value) -> Answer {
    json(&json!({ "jsonrpc": "2.0", "id": id }))
}

/// A string of so many bytes, never all in memory.
pub(crate) fn huge(id: &Value, bytes: u64) -> Answer {
    let head = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":""#);
    let pieces = bytes.div_ceil(PIECE);
    let body = (0..pieces).map(move |piece| {
        let size = PIECE.min(bytes - piece * PIECE);
        Bytes::from(vec![b'a'; size as usize])
    });
    let all = std::iter::once(Bytes::from(head)).chain(body).chain([Bytes::from_static(b"\"}")]);
    let frames = all.map(|piece| Ok::<_, Infallible>(Frame::data(piece)));
    Response::new(StreamBody::new(stream::iter(frames)).boxed_unsync())
}

/// One space after the other: valid JSON as far as it goes.
pub(crate) fn drip() -> Answer {
    let frames = stream::unfold((), |()| async {
        tokio::time::sleep(DRIP).await;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(b" "))), ()))
    });
    Response::new(StreamBody::new(frames).boxed_unsync())
}
