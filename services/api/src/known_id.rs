//! Whether a badge with some id is stored, without storing ids: a keyed hash of each.

use badge::{Badge, IssuerMatch};
use domain::{BadgeRecord, IdTag};
use hmac::Mac as _;

use crate::TokenSecret;
use crate::problem::Answer;
use crate::proofs::lookup::issuer_match_of;
use crate::service::Service;

/// Before the id. Longer than the 8 bytes that a proof token is made of, so no tag is a token's.
const DOMAIN: &[u8] = b"ingam badge id 1\0";

impl TokenSecret {
    /// The first 128 bits of HMAC-SHA256(secret, `"ingam badge id 1" ‖ 0x00 ‖ id`); `None` for an
    /// empty id, which names nothing.
    pub(crate) fn id_tag(&self, id: &str) -> Option<IdTag> {
        if id.is_empty() {
            return None;
        }
        let mut mac = self.keyed();
        mac.update(DOMAIN);
        mac.update(id.as_bytes());
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut tag = [0; 16];
        tag.copy_from_slice(&whole[..16]);
        Some(IdTag(tag))
    }
}

/// Whether a badge is stored and open to the public whose id is the presented one's. An id is its
/// issuer's: badges of an issuer that the presented one does not name do not count.
pub(crate) async fn is_known(service: &Service, presented: &Badge) -> Answer<bool> {
    let id = presented.id.as_deref();
    let Some(tag) = id.and_then(|id| service.state.token_secret.id_tag(id)) else {
        return Ok(false);
    };
    let trust = service.trust.current(service).await?;
    let records = service.store().badges_by_id_tag(tag).await?;
    let counts = |record: &BadgeRecord| {
        record.public_lookup
            && issuer_match_of(presented, record, trust.as_deref()) != IssuerMatch::Other
    };
    Ok(records.iter().any(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_one_id_under_one_secret() {
        let secret = TokenSecret::new([7; 32]);
        let tag = secret.id_tag("urn:uuid:1");
        assert!(tag.is_some());
        assert_eq!(secret.id_tag("urn:uuid:1"), tag);
        assert_ne!(secret.id_tag("urn:uuid:2"), tag);
        assert_ne!(TokenSecret::new([8; 32]).id_tag("urn:uuid:1"), tag);
        assert_eq!(secret.id_tag(""), None);
        assert_eq!(format!("{tag:?}"), "Some(IdTag(…))");
    }
}
