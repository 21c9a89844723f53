//! Proof tokens: whoever holds one may read one proof. Nothing is stored for them.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::Position;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

const POSITION_LEN: usize = 8;
const TAG_LEN: usize = 16;

/// The service's secret behind all proof tokens and the tags of badges' ids.
#[derive(Clone)]
pub struct TokenSecret([u8; 32]);

impl TokenSecret {
    /// From 32 random bytes.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    pub(crate) fn keyed(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("HMAC takes keys of any length (RFC 2104)")
    }

    /// base64url of position (8 bytes, big-endian) ‖ the first 128 bits of HMAC-SHA256(secret,
    /// position).
    pub(crate) fn token(&self, position: Position) -> String {
        let place = position.as_u64().to_be_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([&place[..], &self.tag(&place)].concat())
    }

    /// The position, if the token is one of ours; in constant time.
    pub(crate) fn open(&self, token: &str) -> Option<Position> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (place, tag) = bytes.split_first_chunk::<POSITION_LEN>()?;
        if !bool::from(self.tag(place).ct_eq(tag)) {
            return None;
        }
        i64::try_from(u64::from_be_bytes(*place)).ok().and_then(Position::from_i64)
    }

    fn tag(&self, place: &[u8; POSITION_LEN]) -> [u8; TAG_LEN] {
        let mut mac = self.keyed();
        mac.update(place);
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&whole[..TAG_LEN]);
        tag
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_token_opens_nothing() {
        let secret = TokenSecret::new([7; 32]);
        let position = Position::from_i64(1 << 48).unwrap();
        let token = secret.token(position);
        assert_eq!(token.len(), 32);
        assert_eq!(secret.open(&token), Some(position));
        assert_eq!(TokenSecret::new([8; 32]).open(&token), None);
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(secret.open(&String::from_utf8(other).unwrap()), None, "{at}");
        }
        for wrong in ["", "AAAA", &token[..31], &format!("{token}="), &format!("{token}AAAA")] {
            assert_eq!(secret.open(wrong), None, "{wrong}");
        }
    }
}
