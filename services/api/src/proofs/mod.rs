//! `/v1/proofs`: proof documents for holders, finders and platforms.

pub(crate) mod by_token;
pub(crate) mod document;
pub(crate) mod export;
pub(crate) mod lookup;
