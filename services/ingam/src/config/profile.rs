//! `chain.profile`: what a kind of chain asks for, where the file says nothing else.
//!
//! A profile is a part of a configuration file that lies beneath the operator's: every value that
//! stands in the file wins, one by one.

use anyhow::Context as _;
use chain::GasPerMint;
use domain::{FeePolicy, SealPolicy, SendTiming};
use serde::Deserialize;
use toml::{Table, Value};

use super::fees::FeeConfig;
use super::{MintConfig, SealConfig};

/// A kind of chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Profile {
    /// Ethereum's main net and its test nets: blocks are dear, badges wait for cheap ones.
    #[default]
    L1,
    /// OP Mainnet, Base and their like.
    OpStack,
    /// Arbitrum One and its like.
    Arbitrum,
    /// Polygon PoS.
    Polygon,
    /// Chains whose blocks are final as they are made (QBFT, IBFT, CometBFT).
    Bft,
    /// A development chain on this machine.
    Anvil,
}

/// Where a transaction costs next to nothing, nothing waits: badges gather for five or ten minutes.
const OP_STACK: &str = r"
[chain.finality]
min_depth = 0

[chain.fees]
usual_cap_wei = 1_000_000_000
budget_cap_wei = 50_000_000_000
max_priority_fee_wei = 100_000_000
signer_cap_wei = 500_000_000_000
bump_after_blocks = 15

[seal]
max_age_seconds = 600
latest_first_send_seconds = 0
min_interval_seconds = 0

[mint]
max_age_seconds = 600
latest_first_send_seconds = 0
min_interval_seconds = 0
";

/// Four blocks a second. Its sequencer takes no tips; the pool of another chain of this kind may.
const ARBITRUM: &str = r"
[chain.finality]
min_depth = 0

[chain.fees]
usual_cap_wei = 2_000_000_000
budget_cap_wei = 100_000_000_000
max_priority_fee_wei = 100_000_000
signer_cap_wei = 1_000_000_000_000
bump_after_blocks = 120

[seal]
max_age_seconds = 600
latest_first_send_seconds = 0
min_interval_seconds = 0

[mint]
max_age_seconds = 600
latest_first_send_seconds = 0
min_interval_seconds = 0
";

/// Its nodes take no tip under some 25 gwei of a coin that is cheap; its blocks are reorganised more
/// deeply than others'.
const POLYGON: &str = r"
[chain.finality]
min_depth = 256

[chain.fees]
usual_cap_wei = 1_000_000_000_000
budget_cap_wei = 10_000_000_000_000
max_priority_fee_wei = 100_000_000_000
signer_cap_wei = 50_000_000_000_000
bump_after_blocks = 15

[seal]
max_age_seconds = 600
latest_first_send_seconds = 0
min_interval_seconds = 0

[mint]
max_age_seconds = 600
latest_first_send_seconds = 0
min_interval_seconds = 0
";

/// A block is final once another stands on it; not all nodes of this kind have the tag.
const BFT: &str = r#"
[chain.finality]
rule = "depth"
min_depth = 1

[seal]
max_age_seconds = 300
latest_first_send_seconds = 0
min_interval_seconds = 0

[mint]
max_age_seconds = 300
latest_first_send_seconds = 0
min_interval_seconds = 0
"#;

/// A block a second, and nobody wants to wait.
const ANVIL: &str = r"
[chain.finality]
min_depth = 1

[chain.fees]
bump_after_blocks = 3

[seal]
max_age_seconds = 1
latest_first_send_seconds = 0
min_interval_seconds = 0

[mint]
max_age_seconds = 1
latest_first_send_seconds = 0
min_interval_seconds = 0
";

impl Profile {
    /// What differs from [`Self::L1`], which is each section's `Default`.
    const fn text(self) -> &'static str {
        match self {
            Self::L1 => "",
            Self::OpStack => OP_STACK,
            Self::Arbitrum => ARBITRUM,
            Self::Polygon => POLYGON,
            Self::Bft => BFT,
            Self::Anvil => ANVIL,
        }
    }

    /// Its fee rules for a promise of this length, as a file with nothing but required values has them.
    ///
    /// # Errors
    /// Never with the profiles above.
    pub(crate) fn fee_defaults(self, promise_ms: i64) -> anyhow::Result<FeeDefaults> {
        let values: Table = self.text().parse()?;
        let chain = values.get("chain").and_then(Value::as_table);
        let fees: FeeConfig = section(chain, "fees")?;
        let (seal, mint): (SealConfig, MintConfig) =
            (section(Some(&values), "seal")?, section(Some(&values), "mint")?);
        Ok(FeeDefaults {
            fees: fees.policy(),
            anchor: (seal.policy(), seal.timing(promise_ms)),
            mint: MintDefaults {
                policies: (mint.policy(fees.gas_cap), mint.timing()),
                gas: mint.gas_per_mint(),
            },
        })
    }

    /// Puts this profile's values wherever the file has none.
    ///
    /// # Errors
    /// A section of the file is no table.
    pub(super) fn lie_beneath(self, file: &mut Table) -> anyhow::Result<()> {
        merge(file, self.text().parse()?)
    }
}

/// What a profile says of fees.
pub(crate) struct FeeDefaults {
    pub(crate) fees: FeePolicy,
    pub(crate) anchor: (SealPolicy, SendTiming),
    pub(crate) mint: MintDefaults,
}

/// The same of mints.
pub(crate) struct MintDefaults {
    pub(crate) policies: (SealPolicy, SendTiming),
    pub(crate) gas: GasPerMint,
}

fn section<T: for<'de> Deserialize<'de>>(table: Option<&Table>, name: &str) -> anyhow::Result<T> {
    let section = table.and_then(|table| table.get(name)).cloned();
    let section = section.unwrap_or_else(|| Value::Table(Table::new()));
    section.try_into().with_context(|| format!("section {name} of the profile"))
}

fn merge(file: &mut Table, beneath: Table) -> anyhow::Result<()> {
    for (name, value) in beneath {
        match (file.get_mut(&name), value) {
            (None, value) => {
                file.insert(name, value);
            }
            (Some(Value::Table(section)), Value::Table(values)) => merge(section, values)?,
            (Some(_), Value::Table(_)) => anyhow::bail!("{name} is not a section"),
            (Some(_), _) => {}
        }
    }
    Ok(())
}
