//! `[chain]`

use std::time::Duration;

use chain::{ChainProfile, Finality, NodePolicy, RpcUrl};
use proof::{Address, EvmHash};
use serde::Deserialize;

use super::bounds::within;
use super::fees::FeeConfig;
use super::profile::Profile;

/// The profile of the one chain that this process anchors on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainConfig {
    /// What kind of chain it is: other defaults.
    #[serde(default)]
    pub(crate) profile: Profile,
    /// EIP-155; every node must answer with it.
    pub(crate) chain_id: u64,
    /// Nodes, the preferred first; also `INGAM_RPC_URLS`, separated by commas.
    #[serde(deserialize_with = "rpc_urls")]
    pub(crate) rpc_urls: Vec<RpcUrl>,
    /// The registry, as `ingam deploy` prints it.
    pub(crate) registry: Address,
    /// Keccak-256 of the registry's code, as `ingam deploy` prints it.
    pub(crate) registry_code_hash: EvmHash,
    /// Block of the registry's deployment, as `ingam deploy` prints it.
    pub(crate) registry_from_block: u64,
    #[serde(default)]
    pub(crate) finality: FinalityConfig,
    /// Longest wait for an answer of a node, in seconds.
    #[serde(default = "default_timeout")]
    pub(crate) timeout_seconds: u64,
    /// A node whose head is more blocks behind the others' is put aside.
    #[serde(default = "default_max_lag")]
    pub(crate) max_lag_blocks: u64,
    /// How long a node is put aside the first time, in seconds; each further time is twice as long.
    #[serde(default = "default_quarantine")]
    pub(crate) quarantine_seconds: u64,
    pub(crate) fees: FeeConfig,
}

const fn default_timeout() -> u64 {
    10
}

const fn default_max_lag() -> u64 {
    16
}

const fn default_quarantine() -> u64 {
    5
}

/// When a block is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FinalityConfig {
    pub(crate) rule: FinalityRule,
    /// Blocks that must stand above it.
    pub(crate) min_depth: u64,
    /// Nodes that must name the same block; all, where there are fewer.
    pub(crate) nodes: usize,
}

/// What says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FinalityRule {
    /// The nodes' `finalized` tag, and `min_depth`.
    Tag,
    /// `min_depth` alone, for chains without an honest tag.
    Depth,
}

impl Default for FinalityConfig {
    fn default() -> Self {
        Self { rule: FinalityRule::Tag, min_depth: 64, nodes: 2 }
    }
}

const MAX_NODES: usize = 16;

impl ChainConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("chain.chain_id", self.chain_id, 1..=proof::MAX_SAFE_INTEGER)?;
        within("chain.rpc_urls (their number)", self.rpc_urls.len(), 1..=MAX_NODES)?;
        within("chain.timeout_seconds", self.timeout_seconds, 1..=10)?;
        within("chain.max_lag_blocks", self.max_lag_blocks, 1..=100_000)?;
        within("chain.quarantine_seconds", self.quarantine_seconds, 1..=600)?;
        within("chain.finality.nodes", self.finality.nodes, 1..=MAX_NODES)?;
        within("chain.finality.min_depth", self.finality.min_depth, 0..=100_000)?;
        anyhow::ensure!(
            self.finality.rule == FinalityRule::Tag || self.finality.min_depth > 0,
            "chain.finality.min_depth is 0: by depth alone, nothing would ever be undone"
        );
        self.fees.check()
    }

    fn nodes(&self) -> NodePolicy {
        NodePolicy {
            timeout: Duration::from_secs(self.timeout_seconds),
            max_lag: self.max_lag_blocks,
            quarantine: Duration::from_secs(self.quarantine_seconds),
            agreeing: self.finality.nodes,
            ..NodePolicy::default()
        }
    }

    pub(crate) fn profile(&self) -> ChainProfile {
        ChainProfile {
            chain_id: self.chain_id,
            rpc_urls: self.rpc_urls.clone(),
            finality: match self.finality.rule {
                FinalityRule::Tag => Finality::Tag,
                FinalityRule::Depth => Finality::Depth,
            },
            min_depth: self.finality.min_depth,
            gas_cap: self.fees.gas_cap,
            nodes: self.nodes(),
        }
    }
}

/// URLs separated by commas.
pub(super) fn parse_urls(list: &str) -> anyhow::Result<Vec<RpcUrl>> {
    list.split(',').map(|url| Ok(url.trim().parse()?)).collect()
}

fn rpc_urls<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<RpcUrl>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}
