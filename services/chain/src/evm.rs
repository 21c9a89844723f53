//! The EVM client: several nodes of one chain, none of them trusted further than it must be.

mod agreement;
mod chain;
mod events;
mod finality;
mod node;
mod nodes;
mod outcome;
mod preflight;
mod reads;
mod reverts;
mod role_reads;
mod rpc_url;
mod send_answers;
mod sending;
mod standing;
mod token_reads;
mod verification;

pub use role_reads::AccountRoles;
pub use rpc_url::{RpcUrl, RpcUrlError};
pub use verification::{AnchorReading, EvmReader, TokenReading};

use std::sync::Mutex;
use std::time::Duration;

use crate::{ChainError, Header};

pub(crate) use node::{Node, NodeError, causes, http_client};
pub(crate) use nodes::Nodes;
pub(crate) use reads::{Tag, block_id};

/// A call to [`crate::Chain`] ends after this time, however many nodes were asked.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(10);
/// A node has this time at least, however many there are.
const LEAST_TIMEOUT: Duration = Duration::from_secs(2);

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

/// When a node is believed, and waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePolicy {
    /// Longest wait for one node, at most 10 seconds.
    pub timeout: Duration,
    /// How long the others are waited for once as many as needed have answered what all are asked.
    pub late_answers: Duration,
    /// A node is put aside when its head is more blocks behind the others', or ahead of them.
    pub max_lag: u64,
    /// How long it is put aside the first time; each further time is twice as long, up to ten
    /// minutes (one minute for a node that merely fails).
    pub quarantine: Duration,
    /// How many nodes must call a block final, by the same hash; all, where there are fewer.
    pub agreeing: usize,
}

impl Default for NodePolicy {
    fn default() -> Self {
        Self {
            timeout: CALL_LIMIT,
            late_answers: Duration::from_secs(1),
            max_lag: 16,
            quarantine: Duration::from_secs(5),
            agreeing: 2,
        }
    }
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
    /// When a node is believed.
    pub nodes: NodePolicy,
}

/// A chain of the EVM family, through JSON-RPC over HTTP.
#[derive(Debug)]
pub struct EvmChain {
    chain_id: u64,
    finality: Finality,
    min_depth: u64,
    gas_cap: u64,
    nodes: Nodes,
    /// The newest block that enough nodes called final.
    agreed: Mutex<Option<Header>>,
}

impl EvmChain {
    /// Makes the clients and asks nobody. A node is asked for its chain id before it is used, and one
    /// of another chain is not.
    ///
    /// # Errors
    /// No node is configured, or no client can be made.
    pub fn new(profile: ChainProfile) -> Result<Self, ChainError> {
        let ChainProfile { chain_id, rpc_urls, finality, min_depth, gas_cap, nodes } = profile;
        let nodes = Nodes::new(&rpc_urls, nodes, Some(chain_id))?;
        let gas_cap = gas_cap.min(TRANSACTION_GAS_CAP);
        Ok(Self { chain_id, finality, min_depth, gas_cap, nodes, agreed: Mutex::default() })
    }

    /// As [`Self::new`], and asks every node for its chain id.
    ///
    /// # Errors
    /// As [`Self::check_nodes`].
    pub async fn connect(profile: ChainProfile) -> Result<Self, ChainError> {
        let chain = Self::new(profile)?;
        chain.check_nodes().await?;
        Ok(chain)
    }

    /// Asks every node for its chain id. Nodes that are silent now may join later; one that answers
    /// is enough.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`] when any node is of another chain, [`ChainError::Retry`] when no
    /// node answers.
    pub async fn check_nodes(&self) -> Result<(), ChainError> {
        self.nodes.check_all().await
    }
}
