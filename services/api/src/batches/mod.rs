//! `/v1/batches`: what auditors rebuild. No issuer is named here.

pub(crate) mod list;
pub(crate) mod one;
pub(crate) mod tile;
