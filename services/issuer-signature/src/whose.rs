//! Whose a key is, as far as the badge itself can tell.

use crate::key::PublicKey;
use crate::{Code, did};

/// What a right signature by `key` says of a badge that names `issuers`.
pub(crate) fn code(key: &PublicKey, issuers: &[String]) -> Code {
    let is_this_key = |issuer: &String| did::resolve(issuer).is_ok_and(|found| found.key == *key);
    if issuers.iter().any(|issuer| did::is_key(issuer) && !is_this_key(issuer)) {
        Code::OtherKey
    } else if !issuers.is_empty() && issuers.iter().all(is_this_key) {
        Code::ByIssuer
    } else {
        Code::SignerUnknown
    }
}
