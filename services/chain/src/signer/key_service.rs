//! What all services that keep a key have in common: limits in time and size, and errors that tell
//! no secret.

use std::time::Duration;

use serde_json::Value;

use crate::evm::{causes, http_client};

/// Longest wait for a service, over all that one question takes. No test may fail because its machine
/// is busy.
const ANSWER_WITHIN: Duration = Duration::from_secs(if cfg!(test) { 600 } else { 10 });
/// Largest answer, in bytes. A list of 1,000 public keys fits.
const MAX_ANSWER: usize = 256 << 10;
/// Longest text of a service that is repeated, in characters.
const MAX_TEXT: usize = 300;

/// Why a key in a service cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyServiceError {
    /// No answer, or none that makes sense: try again later.
    #[error("the key service does not answer: {0}")]
    Unavailable(String),
    /// It answers, and has no key that can sign our transactions.
    #[error("the key cannot be used: {0}")]
    Key(String),
}

/// How long a service may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience(pub(super) Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(ANSWER_WITHIN)
    }
}

impl Patience {
    /// Waits for the answer.
    pub(super) async fn with<T>(
        self,
        answer: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        let late = |_| Err(format!("no answer within {:?}", self.0));
        tokio::time::timeout(self.0, answer).await.unwrap_or_else(late)
    }
}

/// For services that speak HTTP and JSON. TLS, and what it trusts, is as for nodes; redirects are not
/// followed.
pub(super) fn client() -> Result<reqwest::Client, KeyServiceError> {
    http_client(ANSWER_WITHIN).map_err(|error| KeyServiceError::Unavailable(error.to_string()))
}

/// The body of an answer that says success. A bearer token is not told, also where the service repeats
/// it.
pub(super) async fn ask(
    request: reqwest::RequestBuilder,
    token: Option<&str>,
) -> Result<Vec<u8>, String> {
    match token {
        Some(token) if !token.is_empty() => {
            let answer = exchange(request.bearer_auth(token)).await;
            answer.map_err(|why| why.replace(token, "…"))
        }
        _ => exchange(request).await,
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| causes(&error.without_url());
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(failed)? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(format!("status {status}: the answer is too long"));
        }
        body.extend_from_slice(&part);
    }
    if status.is_success() {
        return Ok(body);
    }
    Err(reason(&body).map_or_else(|| format!("status {status}"), |why| format!("{status}: {why}")))
}

/// What a service says about a failure, where it says so in JSON: a page in HTML tells nothing.
fn reason(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let places = ["/error/message", "/message", "/error"];
    let reason = places.iter().find_map(|place| body.pointer(place)?.as_str());
    reason.map(str::to_owned)
}

/// A JSON answer.
pub(super) fn parse<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body)
        .map_err(|_| "the answer is not what the service's interface says".to_owned())
}

/// A text of a service, cut.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MAX_TEXT).collect()
}
