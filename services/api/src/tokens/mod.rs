//! What wallets and marketplaces read of tokens.

pub(crate) mod collection;
pub(crate) mod metadata;
pub(crate) mod of_owner;
