//! Whose a key is, as far as the badge itself can tell.

use crate::key::PublicKey;
use crate::{Code, did};

/// Most issuers that are compared with a key; a badge that is read has no more.
const MAX_ISSUERS: usize = 16;

/// What a right signature by `key` says of a badge that names `issuers`.
pub(crate) fn code(key: &PublicKey, issuers: &[String]) -> Code {
    if issuers.len() > MAX_ISSUERS {
        return Code::SignerUnknown;
    }
    let is_this_key = |issuer: &String| did::resolve(issuer).is_ok_and(|found| found.key == *key);
    if issuers.iter().any(|issuer| did::is_key(issuer) && !is_this_key(issuer)) {
        Code::OtherKey
    } else if !issuers.is_empty() && issuers.iter().all(is_this_key) {
        Code::ByIssuer
    } else {
        Code::SignerUnknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_issuers_than_are_compared_are_not_known() {
        let issuer = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2".to_owned();
        let key = did::resolve(&issuer).unwrap().key;
        assert_eq!(code(&key, &vec![issuer.clone(); MAX_ISSUERS]), Code::ByIssuer);
        assert_eq!(code(&key, &vec![issuer; MAX_ISSUERS + 1]), Code::SignerUnknown);
    }
}
