//! The real node behind the proxy.

use bytes::Bytes;
use serde_json::{Value, json};

/// The node did not answer, or not with JSON.
#[derive(Debug)]
pub(crate) struct Unreachable;

#[derive(Debug)]
pub(crate) struct Upstream {
    url: String,
    http: reqwest::Client,
}

impl Upstream {
    pub(crate) fn new(url: &str) -> Self {
        // without a provider the client panics, also for plain http; losing the race is fine
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { url: url.to_owned(), http: reqwest::Client::new() }
    }

    /// The whole answer to a whole request.
    pub(crate) async fn forward(&self, request: &Value) -> Result<Value, Unreachable> {
        let body = Bytes::from(request.to_string());
        let sent = self.http.post(&self.url).header("content-type", "application/json").body(body);
        let answer = sent.send().await.map_err(|_| Unreachable)?;
        let answer = answer.bytes().await.map_err(|_| Unreachable)?;
        serde_json::from_slice(&answer).map_err(|_| Unreachable)
    }

    /// The result of a call of the proxy's own; `null` where the node answers with an error.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Result<Value, Unreachable> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        Ok(self.forward(&request).await?["result"].take())
    }

    /// The same for a quantity.
    pub(crate) async fn number(&self, method: &str, params: Value) -> Result<u128, Unreachable> {
        quantity(&self.ask(method, params).await?).ok_or(Unreachable)
    }
}

/// `0x…` as a number; `None` where it is none, or needs more than 128 bits.
pub(crate) fn quantity(value: &Value) -> Option<u128> {
    u128::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}
