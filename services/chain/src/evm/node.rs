//! One node: JSON-RPC 2.0 over HTTP, bounded in time and size.
//!
//! alloy's own HTTP transport is not used: it reads answers of any size, and puts the URL into its
//! spans.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alloy::primitives::U64;
use alloy::rpc::json_rpc::{ErrorPayload, Id, Request, Response, ResponsePayload, RpcSend};
use domain::Block;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RpcUrl;
use super::standing::{Reason, Standing, Trust};
use crate::ChainError;

/// Largest answer, in bytes. A block with the hashes of 30,000 transactions fits.
const MAX_ANSWER: usize = 4 << 20;
/// Longest text of a node that is repeated, in characters.
const MAX_TEXT: usize = 200;
/// How long a node is believed to be of the chain it was.
const CHECK_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Why a node has no result.
#[derive(Debug)]
pub(crate) enum NodeError {
    /// No answer, or none that is JSON-RPC. It may have acted.
    Unavailable(String),
    /// Its answer has more than 4 MiB.
    TooLong(String),
    /// It answered with an error.
    Answered {
        code: i64,
        /// Without keys, and cut.
        message: String,
        /// What a reverted call returned.
        revert: Option<Vec<u8>>,
    },
}

impl From<NodeError> for ChainError {
    fn from(error: NodeError) -> Self {
        match error {
            NodeError::Unavailable(why) | NodeError::TooLong(why) => Self::Retry(why),
            NodeError::Answered { code, message, .. } => Self::Retry(format!("{message} ({code})")),
        }
    }
}

/// One for all nodes. No redirects: they could lead anywhere, with the key of the URL.
pub(crate) fn http_client(timeout: Duration) -> Result<reqwest::Client, ChainError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // without a provider the builder panics, also for plain http; losing the race is fine
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| ChainError::Retry(format!("no HTTP client: {}", error.without_url())))
}

pub(crate) struct Node {
    number: u32,
    url: RpcUrl,
    http: reqwest::Client,
    next_id: AtomicU64,
    expected_chain: Option<u64>,
    record: Mutex<Record>,
}

/// What is remembered of a node.
struct Record {
    /// When the chain id was last seen to be the expected one.
    checked: Option<Instant>,
    /// The chain id that was not the expected one.
    found: Option<u64>,
    /// The newest block that it called final, and the others too.
    upheld: Option<Block>,
    standing: Standing,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {} ({})", self.number, self.url)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Node {
    pub(super) fn new(
        number: u32,
        url: &RpcUrl,
        http: reqwest::Client,
        expected_chain: Option<u64>,
        quarantine: Duration,
    ) -> Self {
        let standing = Standing::new(quarantine);
        let record = Mutex::new(Record { checked: None, found: None, upheld: None, standing });
        let (url, next_id) = (url.clone(), AtomicU64::new(1));
        Self { number, url, http, next_id, expected_chain, record }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing where the node is known to be of the expected chain, or none is expected.
    pub(super) async fn check(&self) -> Result<(), ChainError> {
        let Some(expected) = self.expected_chain else { return Ok(()) };
        if self.trust() == Trust::Aside(Reason::WrongChain)
            && let Some((expected, found)) = self.wrong_chain()
        {
            return Err(ChainError::WrongChain { expected, found });
        }
        if self.record().checked.is_some_and(|at| at.elapsed() < CHECK_AGAIN_AFTER) {
            return Ok(());
        }
        let found = self.ask::<U64>("eth_chainId", ()).await?.to::<u64>();
        if found != expected {
            self.record().found = Some(found);
            let why = format!("its chain id is {found}, configured is {expected}");
            self.put_aside(Reason::WrongChain, &why);
            return Err(ChainError::WrongChain { expected, found });
        }
        {
            let mut record = self.record();
            record.checked = Some(Instant::now());
            record.found = None;
        }
        self.is_sane(&[Reason::WrongChain]);
        Ok(())
    }

    /// The next use begins with a check: what is behind the URL may have changed.
    pub(super) fn distrust(&self) {
        self.record().checked = None;
    }

    /// The expected chain id and the other one that the node told last.
    pub(super) fn wrong_chain(&self) -> Option<(u64, u64)> {
        Some((self.expected_chain?, self.record().found?))
    }

    pub(super) fn trust(&self) -> Trust {
        self.record().standing.trust(Instant::now())
    }

    /// The newest block that it called final when the others agreed.
    pub(super) fn upheld_final(&self) -> Option<Block> {
        self.record().upheld
    }

    pub(super) fn uphold_final(&self, block: Block) {
        self.record().upheld = Some(block);
    }

    /// It is not asked for a while, longer each time. Told once.
    pub(super) fn put_aside(&self, reason: Reason, why: &str) {
        let (news, time) = self.record().standing.put_aside(reason, Instant::now());
        if !news {
            return;
        }
        let number = self.number.to_string();
        metrics::counter!(
            "ingam_node_quarantines_total", "node" => number.clone(), "reason" => reason.name()
        )
        .increment(1);
        metrics::gauge!("ingam_node_quarantined", "node" => number).set(1.0);
        let (seconds, why) = (time.as_secs(), self.text(why));
        match reason {
            Reason::WrongChain | Reason::Contradiction => {
                tracing::error!(node = %self, %reason, why, seconds, "node put aside");
            }
            Reason::Failing | Reason::Lagging | Reason::Ahead => {
                tracing::warn!(node = %self, %reason, why, seconds, "node put aside");
            }
        }
    }

    /// It has shown that one of these reasons, if it was put aside for it, holds no longer.
    pub(super) fn is_sane(&self, reasons: &[Reason]) {
        let readmitted = {
            let now = Instant::now();
            let standing = &mut self.record().standing;
            match standing.trust(now) {
                Trust::Probation(reason) if reasons.contains(&reason) => standing.readmit(now),
                // asked because there was nobody else
                Trust::Aside(Reason::Failing) if reasons.contains(&Reason::Failing) => {
                    standing.readmit(now)
                }
                _ => None,
            }
        };
        if let Some(reason) = readmitted {
            metrics::gauge!("ingam_node_quarantined", "node" => self.number.to_string()).set(0.0);
            tracing::info!(node = %self, %reason, "node taken back");
        }
    }

    /// Calls a method.
    pub(crate) async fn ask<R: DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl RpcSend,
    ) -> Result<R, NodeError> {
        let id = Id::Number(self.next_id.fetch_add(1, Ordering::Relaxed));
        let request = Request::new(method, id.clone(), params);
        let answer = self.answer(method, &id, &request).await;
        match &answer {
            Err(NodeError::Unavailable(why)) => {
                self.distrust();
                self.put_aside(Reason::Failing, why);
            }
            Ok(_) | Err(NodeError::TooLong(_) | NodeError::Answered { .. }) => {
                self.is_sane(&[Reason::Failing]);
            }
        }
        answer
    }

    async fn answer<R: DeserializeOwned>(
        &self,
        method: &'static str,
        id: &Id,
        request: &impl Serialize,
    ) -> Result<R, NodeError> {
        let body = self.post(request).await?;
        let response: Response = serde_json::from_slice(&body)
            .map_err(|_| self.unavailable(method, "the answer is not JSON-RPC"))?;
        match response.payload {
            ResponsePayload::Success(_) if response.id != *id => {
                Err(self.unavailable(method, "the answer is to another request"))
            }
            ResponsePayload::Success(result) => serde_json::from_str(result.get())
                .map_err(|error| self.unavailable(method, &format!("the result is odd: {error}"))),
            ResponsePayload::Failure(error) => Err(self.answered(&error)),
        }
    }

    async fn post(&self, request: &impl Serialize) -> Result<Vec<u8>, NodeError> {
        let failed = |error: reqwest::Error| self.unavailable("HTTP", &causes(&error));
        let url = self.url.url().clone();
        let mut response =
            self.http.post(url).json(request).send().await.map_err(|e| failed(e.without_url()))?;
        let status = response.status();
        // other statuses may carry a JSON-RPC error, which tells more
        if status.is_server_error() || matches!(status.as_u16(), 300..=399 | 401 | 403 | 429) {
            return Err(self.unavailable("HTTP", &format!("status {status}")));
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|e| failed(e.without_url()))? {
            if body.len() + part.len() > MAX_ANSWER {
                return Err(NodeError::TooLong(format!("{self}: the answer is too long")));
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }

    fn unavailable(&self, what: &str, why: &str) -> NodeError {
        NodeError::Unavailable(format!("{self}: {what}: {}", self.text(why)))
    }

    fn answered(&self, error: &ErrorPayload) -> NodeError {
        NodeError::Answered {
            code: error.code,
            message: self.text(&error.message),
            revert: error.as_revert_data().map(|data| data.to_vec()),
        }
    }

    fn text(&self, text: &str) -> String {
        self.url.redact(text).chars().take(MAX_TEXT).collect()
    }
}

/// An error with its causes: the first says only that sending failed.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
