//! What was asked, and what was done to it.

use std::collections::BTreeMap;

use serde::Serialize;

/// Counted since the proxy was started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Calls that arrived, by method.
    pub calls: BTreeMap<String, u64>,
    /// Faults that happened, by name and method. A pool's refusals count as `pool: REASON`.
    pub injected: BTreeMap<String, BTreeMap<String, u64>>,
    /// Calls for which the node behind did not answer.
    pub node_failures: u64,
}

impl Counts {
    /// Calls of a method that arrived.
    #[must_use]
    pub fn called(&self, method: &str) -> u64 {
        self.calls.get(method).copied().unwrap_or(0)
    }

    /// How often a fault happened, with whatever method.
    #[must_use]
    pub fn injected(&self, fault: &str) -> u64 {
        self.injected.get(fault).map_or(0, |methods| methods.values().sum())
    }

    /// How often a fault happened with a method.
    #[must_use]
    pub fn injected_on(&self, fault: &str, method: &str) -> u64 {
        self.injected.get(fault).and_then(|methods| methods.get(method)).copied().unwrap_or(0)
    }

    /// All faults together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.injected.values().flat_map(BTreeMap::values).sum()
    }

    pub(crate) fn call(&mut self, method: &str) {
        *self.calls.entry(method.to_owned()).or_default() += 1;
    }

    pub(crate) fn inject(&mut self, fault: &str, method: &str) {
        let methods = self.injected.entry(fault.to_owned()).or_default();
        *methods.entry(method.to_owned()).or_default() += 1;
    }
}
