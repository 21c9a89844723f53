//! The EVM client: several nodes of one chain, none of them trusted further than it must be.

mod chain;
mod node;
mod reads;
mod reverts;
mod rpc_url;
mod send_answers;
mod verification;

pub use rpc_url::{RpcUrl, RpcUrlError};
pub use verification::{AnchorReading, EvmReader};

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::ChainError;

pub(crate) use node::{Node, NodeError};
pub(crate) use reads::{Tag, block_id};

/// A call to [`crate::Chain`] ends after this time, however many nodes were asked.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(10);
/// A node has this time at least, however many there are.
const LEAST_TIMEOUT: Duration = Duration::from_secs(2);

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
    /// Largest gas limit that `preflight` gives, in gas.
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
        Ok(Self { chain_id, finality, min_depth, gas_cap, nodes })
    }
}

/// Nodes, the one that answered last first.
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

    /// Asks the preferred node, and the others after it while the answer is "try again" or the node
    /// is of another chain. What belongs together is asked in one `ask`, so of one node.
    pub(crate) async fn read<'a, T, F>(
        &'a self,
        ask: impl Fn(&'a Node) -> F,
    ) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        let attempts = async {
            let preferred = self.preferred.load(Ordering::Relaxed);
            let mut failure = ChainError::Retry("no node".to_owned());
            for offset in 0..self.all.len() {
                let at = (preferred + offset) % self.all.len();
                let node = &self.all[at];
                let answer = match node.check().await {
                    Ok(()) => ask(node).await,
                    Err(error) => Err(error),
                };
                match answer {
                    Err(error @ (ChainError::Retry(_) | ChainError::WrongChain { .. })) => {
                        node.distrust();
                        tracing::debug!(node = %node, %error, "node failed");
                        failure = error;
                    }
                    answer => {
                        self.preferred.store(at, Ordering::Relaxed);
                        return answer;
                    }
                }
            }
            // the next call must not begin with the same silent node, which would eat its time
            self.preferred.store((preferred + 1) % self.all.len(), Ordering::Relaxed);
            Err(failure)
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
