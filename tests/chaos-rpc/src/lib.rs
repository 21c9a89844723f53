//! What stands between the service and the chain in tests: anvil, and a proxy that fails, lies and
//! keeps silent as it is told, per JSON-RPC method, by script or by chance from a seed.
//!
//! What was injected is counted: a test that expects a fault to be survived proves that it happened.

mod answer;
mod control;
mod counts;
mod development_node;
mod dialect;
mod pool;
mod proxy;
mod rule;
mod snapshot;
mod upstream;

pub use counts::Counts;
pub use development_node::DevelopmentNode;
pub use dialect::Dialect;
pub use proxy::ChaosRpc;
pub use rule::{Fault, Rule};
