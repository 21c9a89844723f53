//! A badge as a request presents it: an object, hashed from its bytes as sent, or any form in
//! base64.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::members::{Members, invalid};
use crate::problem::{Answer, Problem, ProblemCode};

/// The bytes of a badge, and where in the request they stood.
pub(crate) struct PresentedBadge<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    /// JSON pointer.
    pub(crate) place: &'static str,
}

impl PresentedBadge<'_> {
    pub(crate) fn into_owned(self) -> PresentedBadge<'static> {
        PresentedBadge { bytes: Cow::Owned(self.bytes.into_owned()), place: self.place }
    }
}

impl<'a> PresentedBadge<'a> {
    /// Takes `badge`, an object, or `badgeBase64` (RFC 4648 section 4, with padding); `None`
    /// without either.
    pub(crate) fn take(members: &mut Members<'a>) -> Answer<Option<Self>> {
        let object = members.raw("badge");
        let encoded = members.optional::<Cow<'_, str>>("badgeBase64")?;
        match (object, encoded) {
            (None, None) => Ok(None),
            (Some(bytes), None) => Ok(Some(Self { bytes: Cow::Borrowed(bytes), place: "/badge" })),
            (None, Some(text)) => {
                let bytes = BASE64_STANDARD.decode(text.as_bytes());
                let bytes = bytes.map_err(|_| invalid("badgeBase64", &"base64 with padding"))?;
                Ok(Some(Self { bytes: Cow::Owned(bytes), place: "/badgeBase64" }))
            }
            (Some(_), Some(_)) => {
                let detail = "a badge is given as badge or as badgeBase64, not as both";
                Err(Problem::new(ProblemCode::ConflictingMembers, detail).at("/badgeBase64"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_is_an_object_or_base64() {
        let take = |text: &str| {
            let mut members = Members::parse(text.as_bytes()).unwrap();
            let taken = PresentedBadge::take(&mut members).map_err(|why| why.code().as_str())?;
            Ok(taken.map(|badge| (badge.bytes.into_owned(), badge.place)))
        };
        assert_eq!(take("{}"), Ok(None));
        assert_eq!(
            take(r#"{"badge":{"a": 1.0}}"#),
            Ok(Some((br#"{"a": 1.0}"#.to_vec(), "/badge")))
        );
        let png = Ok(Some((b"\x89PNG".to_vec(), "/badgeBase64")));
        assert_eq!(take(r#"{"badgeBase64":"iVBORw=="}"#), png);
        assert_eq!(take(r#"{"badgeBase64":"iVBORw\u003d="}"#), png);
        assert_eq!(take(r#"{"badgeBase64":"iVBORw"}"#), Err("invalid_member"));
        assert_eq!(take(r#"{"badgeBase64":{}}"#), Err("invalid_member"));
        assert_eq!(take(r#"{"badgeBase64":"","badge":{}}"#), Err("conflicting_members"));
    }
}
