//! A badge as a request presents it: an object, hashed from its bytes as sent, or any form in
//! base64.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::members::{Members, invalid};
use crate::problem::{Answer, Problem, ProblemCode};

/// What to say of the one spelling that is taken.
const SPELLING: &str = "base64 with padding, without line breaks (RFC 4648 section 4)";

/// The bytes of a badge, and where in the request they stood.
pub(crate) struct PresentedBadge<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    /// JSON pointer.
    pub(crate) place: &'static str,
}

/// Whether a body is a badge's own file and no JSON request: what no JSON value that anybody posts
/// begins with. A bare badge in JSON cannot be told from a request; it is sent as a member.
pub(crate) fn is_bare(body: &[u8]) -> bool {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    !matches!(text.first(), None | Some(b'{' | b'[' | b'"'))
}

impl PresentedBadge<'_> {
    /// A body that [`is_bare`].
    pub(crate) fn bare(body: &[u8]) -> PresentedBadge<'_> {
        PresentedBadge { bytes: Cow::Borrowed(body), place: "" }
    }

    pub(crate) fn into_owned(self) -> PresentedBadge<'static> {
        PresentedBadge { bytes: Cow::Owned(self.bytes.into_owned()), place: self.place }
    }
}

impl<'a> PresentedBadge<'a> {
    /// Takes `badge`, an object, or `badgeBase64` (RFC 4648 section 4, with padding; no other
    /// spelling of the same bytes); `None` without either.
    pub(crate) fn take(members: &mut Members<'a>) -> Answer<Option<Self>> {
        Self::take_as(members, "badge", "/badge")
    }

    /// As [`Self::take`], for a badge that is called `credential` where it is an object.
    pub(crate) fn take_credential(members: &mut Members<'a>) -> Answer<Option<Self>> {
        Self::take_as(members, "credential", "/credential")
    }

    fn take_as(
        members: &mut Members<'a>,
        object: &str,
        place: &'static str,
    ) -> Answer<Option<Self>> {
        let raw = members.raw(object);
        let encoded = members.optional::<Cow<'_, str>>("badgeBase64")?;
        match (raw, encoded) {
            (None, None) => Ok(None),
            (Some(bytes), None) => Ok(Some(Self { bytes: Cow::Borrowed(bytes), place })),
            (None, Some(text)) => {
                let bytes = BASE64_STANDARD.decode(text.as_bytes());
                let bytes = bytes.map_err(|_| invalid("badgeBase64", &SPELLING))?;
                Ok(Some(Self { bytes: Cow::Owned(bytes), place: "/badgeBase64" }))
            }
            (Some(_), Some(_)) => {
                let detail = format!("a badge is given as {object} or as badgeBase64, not as both");
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
        for other in ["iVBORw", "iVBORx==", "iVBO\\nRw==", " iVBORw==", "iVBO-_8="] {
            let text = format!(r#"{{"badgeBase64":"{other}"}}"#);
            assert_eq!(take(&text), Err("invalid_member"), "{other}");
        }
        assert_eq!(take(r#"{"badgeBase64":{}}"#), Err("invalid_member"));
        assert_eq!(take(r#"{"badgeBase64":"","badge":{}}"#), Err("conflicting_members"));
    }
}
