//! One file per subcommand.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod breach;
pub(crate) mod collection;
pub(crate) mod deploy;
pub(crate) mod digest;
pub(crate) mod embed;
pub(crate) mod export;
pub(crate) mod export_tokens;
pub(crate) mod fees;
pub(crate) mod issuer;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod proof;
pub(crate) mod recipient;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod signer;
pub(crate) mod submit;
pub(crate) mod trust;
pub(crate) mod verify;
pub(crate) mod worker;
