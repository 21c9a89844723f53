//! What can go wrong between the service and the chain, and that the promise is kept all the same:
//! each fault, then healing, then every badge is final, its effect once on chain, the audit clean.

mod blocked;
mod catalogue;
mod crashes;
mod nodes;
mod reorganisations;
mod sending;
mod signing;
mod submissions;
mod workers;
