//! `[api]`

use std::net::SocketAddr;
use std::num::NonZeroU32;

use api::{Limits, Network, Rate};
use serde::Deserialize;
use store::CommitterLimits;

use super::bounds::within;

/// The two listeners, and what callers may use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApiConfig {
    /// The public API.
    pub(crate) listen: SocketAddr,
    /// `/healthz`, `/readyz` and `/metrics`; keep it off the internet.
    pub(crate) operations_listen: SocketAddr,
    /// Proxies whose `X-Forwarded-For` is believed: addresses or ranges.
    #[serde(deserialize_with = "networks")]
    pub(crate) trusted_proxies: Vec<Network>,
    /// Requests per second and key, on average.
    key_rate_per_second: NonZeroU32,
    /// Requests of a key that may come at once.
    key_burst: NonZeroU32,
    /// Requests per second and address without a key, on average.
    address_rate_per_second: NonZeroU32,
    /// Requests of an address that may come at once.
    address_burst: NonZeroU32,
    /// Single submissions that may wait for a commit; beyond, intake answers 503.
    queued_singles: usize,
    /// Bulk requests that may wait for a commit; beyond, intake answers 503.
    queued_bulks: usize,
}

impl Default for ApiConfig {
    fn default() -> Self {
        let queue = CommitterLimits::default();
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operations_listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            trusted_proxies: Vec::new(),
            key_rate_per_second: Rate::KEY.per_second,
            key_burst: Rate::KEY.burst,
            address_rate_per_second: Rate::ADDRESS.per_second,
            address_burst: Rate::ADDRESS.burst,
            queued_singles: queue.singles,
            queued_bulks: queue.bulks,
        }
    }
}

fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}

impl ApiConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("api.trusted_proxies (their number)", self.trusted_proxies.len(), 0..=1000)?;
        let rate = |name, number: NonZeroU32| within(name, number.get(), 1..=1_000_000);
        rate("api.key_rate_per_second", self.key_rate_per_second)?;
        rate("api.key_burst", self.key_burst)?;
        rate("api.address_rate_per_second", self.address_rate_per_second)?;
        rate("api.address_burst", self.address_burst)?;
        within("api.queued_singles", self.queued_singles, 1..=100_000)?;
        within("api.queued_bulks", self.queued_bulks, 1..=1000)
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            per_key: Some(Rate { per_second: self.key_rate_per_second, burst: self.key_burst }),
            per_address: Some(Rate {
                per_second: self.address_rate_per_second,
                burst: self.address_burst,
            }),
            ..Limits::default()
        }
    }

    pub(crate) fn committer(&self) -> CommitterLimits {
        CommitterLimits {
            singles: self.queued_singles,
            bulks: self.queued_bulks,
            ..CommitterLimits::default()
        }
    }
}
