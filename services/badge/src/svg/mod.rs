//! The badge in a baked SVG: one element's text, or its attribute `verify`.

mod syntax;

pub(crate) use syntax::parse;

use roxmltree::{Attribute, Node};

use crate::form::{self, Form};
use crate::png::{MAX_IMAGE_BYTES, is_url};
use crate::{Code, Layer, Refusal};

/// Namespace and local name of the elements that hold a badge: Open Badges 1 and 2, Open Badges 3,
/// CLR 2.
pub const SVG_ELEMENTS: [(&str, &str); 3] = [
    ("http://openbadges.org", "assertion"),
    ("https://purl.imsglobal.org/ob/v3p0", "credential"),
    ("https://purl.imsglobal.org/clr/v2p0", "credential"),
];

/// The badge's text, unescaped, and where it stood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadgeText {
    pub(crate) text: String,
    pub(crate) layer: Layer,
}

/// The text of the one badge element: its body, else a JWS in `verify`. Both may hold the same.
///
/// # Errors
/// `too_large`, `invalid_utf8`, the `xml_…` codes, `no_badge`, `several_badges`, `mixed_content`,
/// `legacy_url_only`; the place is a byte offset.
pub(crate) fn badge_text(bytes: &[u8]) -> Result<BadgeText, Refusal> {
    if bytes.len() > MAX_IMAGE_BYTES {
        let why = "an SVG has at most 5 MiB";
        return Err(Refusal::at_byte(Code::TooLarge, MAX_IMAGE_BYTES, why));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Refusal::at_byte(Code::InvalidUtf8, error.valid_up_to(), "the text is not valid UTF-8")
    })?;
    let document = syntax::parse(text)?;
    let mut elements = document.descendants().filter(is_badge_element);
    let Some(element) = elements.next() else {
        return Err(Refusal::at_byte(Code::NoBadge, 0, "no element of this SVG holds a badge"));
    };
    if let Some(second) = elements.next() {
        let why = "more than one element holds a badge";
        return Err(Refusal::at_byte(Code::SeveralBadges, second.range().start, why));
    }
    of_element(element)
}

fn is_badge_element(node: &Node<'_, '_>) -> bool {
    let name = node.tag_name();
    node.is_element()
        && SVG_ELEMENTS
            .iter()
            .any(|(namespace, local)| name.namespace() == Some(namespace) && name.name() == *local)
}

fn of_element(element: Node<'_, '_>) -> Result<BadgeText, Refusal> {
    let body = body(element)?;
    // not by attribute_node: a bare name would find the attribute in any namespace
    let is_verify = |one: &Attribute<'_, '_>| one.namespace().is_none() && one.name() == "verify";
    let verify = element.attributes().find(is_verify);
    if body.trim_ascii().is_empty() {
        return of_verify(element, verify);
    }
    // openbadges_bakery writes a JWS into both
    let is_another = |verify: &Attribute<'_, '_>| {
        holds_credential(verify.value()) && verify.value().trim_ascii() != body.trim_ascii()
    };
    if let Some(verify) = verify.filter(is_another) {
        let why = "the badge element has a body and another credential in verify";
        return Err(Refusal::at_byte(Code::SeveralBadges, verify.range().start, why));
    }
    Ok(BadgeText { text: body.to_owned(), layer: Layer::SvgBody })
}

/// The element's only run of text. The parser joins adjacent text and CDATA sections.
fn body<'a>(element: Node<'a, '_>) -> Result<&'a str, Refusal> {
    let mut children = element.children();
    let Some(text) = children.next() else { return Ok("") };
    match (text.is_text(), children.next()) {
        (true, None) => Ok(text.text().unwrap_or_default()),
        (first_is_text, second) => {
            let wrong = second.filter(|_| first_is_text).unwrap_or(text);
            let why = "the badge element holds elements, comments or instructions beside its text";
            Err(Refusal::at_byte(Code::MixedContent, wrong.range().start, why))
        }
    }
}

fn of_verify(
    element: Node<'_, '_>,
    verify: Option<Attribute<'_, '_>>,
) -> Result<BadgeText, Refusal> {
    match verify {
        Some(verify) if form::by_first_bytes(verify.value().as_bytes()).is_token() => {
            Ok(BadgeText { text: verify.value().to_owned(), layer: Layer::SvgVerify })
        }
        Some(verify) if is_url(verify.value().as_bytes()) => {
            let why = "only the badge's URL is here; nothing is fetched";
            Err(Refusal::at_byte(Code::LegacyUrlOnly, verify.range().start, why))
        }
        Some(verify) => {
            let why = "the badge element has no body, and verify is no compact JWS";
            Err(Refusal::at_byte(Code::NoBadge, verify.range().start, why))
        }
        None => {
            let why = "the badge element is empty";
            Err(Refusal::at_byte(Code::NoBadge, element.range().start, why))
        }
    }
}

/// Whether `verify` has more than the URL that Open Badges 1 puts there beside a body.
fn holds_credential(verify: &str) -> bool {
    let form = form::by_first_bytes(verify.as_bytes());
    form.is_token() || form == Form::Json
}
