//! The EVM client: several nodes of one chain, none of them trusted further than it must be.

mod chain;
mod events;
mod node;
mod preflight;
mod reads;
mod reverts;
mod rpc_url;
mod send_answers;
mod token_reads;
mod verification;

pub use rpc_url::{RpcUrl, RpcUrlError};
pub use verification::{AnchorReading, EvmReader, TokenReading};

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use crate::{ChainError, Header};

pub(crate) use node::{Node, NodeError, causes, http_client};
pub(crate) use reads::{Tag, block_id};

/// A call to [`crate::Chain`] ends after this time, however many nodes were asked.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(10);
/// A node has this time at least, however many there are.
const LEAST_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the other nodes are waited for once one has answered what all are asked: a silent one
/// must not slow down everything.
const LATE_ANSWERS: Duration = Duration::from_secs(1);

/// Gas that one transaction may have at most since EIP-7825. Chains that do not know it allow more,
/// but no call of this service needs more than the largest mint that fits.
const TRANSACTION_GAS_CAP: u64 = 1 << 24;

/// What makes a block final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finality {
    /// The nodes' `finalized` tag, and `min_depth`.
    Tag,
    /// `min_depth` alone, for chains whose nodes have no honest tag.
    Depth,
}

/// How to reach a chain, and when to believe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainProfile {
    /// EIP-155 chain id; a node of another chain is never used.
    pub chain_id: u64,
    /// The nodes. Bytes are sent to all; reads go to one, and to the next when it fails.
    pub rpc_urls: Vec<RpcUrl>,
    /// What makes a block final.
    pub finality: Finality,
    /// Least number of blocks above a final one.
    pub min_depth: u64,
    /// Largest gas limit that `preflight` gives, in gas; above 2^24, the most that a transaction may
    /// have since EIP-7825, it counts as that.
    pub gas_cap: u64,
    /// Longest wait for one node, at most 10 seconds.
    pub timeout: Duration,
}

/// A chain of the EVM family, through JSON-RPC over HTTP.
#[derive(Debug)]
pub struct EvmChain {
    chain_id: u64,
    finality: Finality,
    min_depth: u64,
    gas_cap: u64,
    nodes: Nodes,
}

impl EvmChain {
    /// Makes the clients and asks every node for its chain id. Nodes that are silent now may join
    /// later; one that answers is enough.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`] when any node is of another chain, [`ChainError::Retry`] when no
    /// node answers.
    pub async fn connect(profile: ChainProfile) -> Result<Self, ChainError> {
        let nodes = Nodes::new(&profile.rpc_urls, profile.timeout, Some(profile.chain_id))?;
        nodes.check_all().await?;
        let ChainProfile { chain_id, finality, min_depth, gas_cap, .. } = profile;
        let gas_cap = gas_cap.min(TRANSACTION_GAS_CAP);
        Ok(Self { chain_id, finality, min_depth, gas_cap, nodes })
    }
}

/// Nodes, the preferred one first: of those that answered, the one with the highest head.
#[derive(Debug)]
pub(crate) struct Nodes {
    all: Vec<Node>,
    preferred: AtomicUsize,
}

impl Nodes {
    /// With an expected chain id, every node is asked for its own before it is used, and again from
    /// time to time.
    pub(crate) fn new(
        urls: &[RpcUrl],
        timeout: Duration,
        expected_chain: Option<u64>,
    ) -> Result<Self, ChainError> {
        let count = u32::try_from(urls.len()).unwrap_or(u32::MAX);
        let Some(share) = CALL_LIMIT.checked_div(count) else {
            return Err(ChainError::Retry("no RPC URL is configured".to_owned()));
        };
        // one that hangs must leave time for the next
        let http = node::http_client(timeout.min(share.max(LEAST_TIMEOUT)))?;
        let all = urls
            .iter()
            .zip(1..)
            .map(|(url, number)| Node::new(number, url, http.clone(), expected_chain))
            .collect();
        Ok(Self { all, preferred: AtomicUsize::new(0) })
    }

    async fn check_all(&self) -> Result<(), ChainError> {
        let checks = futures::future::join_all(self.all.iter().map(Node::check)).await;
        let mut outcome = Err(ChainError::Retry("no node answers".to_owned()));
        for check in checks {
            match check {
                Ok(()) => outcome = Ok(()),
                Err(error @ ChainError::WrongChain { .. }) => return Err(error),
                Err(error) if outcome.is_err() => outcome = Err(error),
                Err(error) => tracing::warn!(%error, "a node does not answer yet"),
            }
        }
        outcome
    }

    pub(crate) fn all(&self) -> &[Node] {
        &self.all
    }

    /// The highest head of those that answer; its node is the preferred one from here on. A node
    /// that is stuck or still syncing answers too, so answering alone recommends none.
    pub(crate) async fn head(&self) -> Result<Header, ChainError> {
        if self.all.len() == 1 {
            return self.read(|node| node.known_header(Tag::Latest)).await;
        }
        let mut asked: FuturesUnordered<_> = (0..)
            .zip(&self.all)
            .map(async |(at, node)| {
                (at, checked(node, |node| node.known_header(Tag::Latest)).await)
            })
            .collect();
        let preferred = self.preferred.load(Ordering::Relaxed) % self.all.len();
        let mut failure = ChainError::Retry("no node answered in time".to_owned());
        let mut heads: Vec<(usize, Header)> = Vec::new();
        let mut limit = Instant::now() + CALL_LIMIT;
        while let Ok(Some((at, answer))) = tokio::time::timeout_at(limit, asked.next()).await {
            match answer {
                Ok(header) => {
                    heads.push((at, header));
                    limit = limit.min(Instant::now() + LATE_ANSWERS);
                }
                Err(error) => failure = error,
            }
        }
        // among equals there is no reason to change
        let highest =
            heads.into_iter().max_by_key(|(at, head)| (head.block.number, *at == preferred));
        let (at, head) = highest.ok_or(failure)?;
        self.preferred.store(at, Ordering::Relaxed);
        Ok(head)
    }

    /// Asks the preferred node, and the others after it while the answer is an error: it may not
    /// have the block that is asked for, be of another chain, or lack a contract that is newer than
    /// its head. What belongs together is asked in one `ask`, so of one node.
    ///
    /// # Errors
    /// [`ChainError::Contract`] only when all nodes say so.
    pub(crate) async fn read<'a, T, F>(
        &'a self,
        ask: impl Fn(&'a Node) -> F,
    ) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        let attempts = async {
            let preferred = self.preferred.load(Ordering::Relaxed);
            let (mut failure, mut no_contract) = (None, None);
            for offset in 0..self.all.len() {
                let at = (preferred + offset) % self.all.len();
                match checked(&self.all[at], &ask).await {
                    Ok(answer) => {
                        self.preferred.store(at, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    Err(error @ ChainError::Contract(_)) => no_contract = Some(error),
                    Err(error) => failure = Some(error),
                }
            }
            if failure.is_some() {
                // the next call must not begin with the same silent node, which would eat its time
                self.preferred.store((preferred + 1) % self.all.len(), Ordering::Relaxed);
            }
            Err(failure.or(no_contract).unwrap_or_else(|| ChainError::Retry("no node".to_owned())))
        };
        match tokio::time::timeout(CALL_LIMIT, attempts).await {
            Ok(answer) => answer,
            Err(_) => {
                self.preferred.fetch_add(1, Ordering::Relaxed);
                Err(ChainError::Retry("no node answered in time".to_owned()))
            }
        }
    }
}

/// Asks one node that is of the expected chain; one that fails is checked again before its next use.
async fn checked<'a, T, F>(node: &'a Node, ask: impl Fn(&'a Node) -> F) -> Result<T, ChainError>
where
    F: Future<Output = Result<T, ChainError>>,
{
    let answer = match node.check().await {
        Ok(()) => ask(node).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &answer {
        tracing::debug!(%node, %error, "node failed");
        if !matches!(error, ChainError::Contract(_)) {
            node.distrust();
        }
    }
    answer
}
