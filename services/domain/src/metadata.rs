//! What an issuer makes public of a badge, for the token that stands for it.

use serde::{Deserialize, Serialize};

/// Most characters of `name`, and of an attribute's name and value.
const MAX_NAME_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 2_000;
const MAX_URL_BYTES: usize = 2_000;
/// Of an image given inside a `data:` URL.
const MAX_IMAGE_BYTES: usize = 32 * 1024;
const MAX_ATTRIBUTES: usize = 16;

/// How far a programme's badge goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Bronze,
    Silver,
    Gold,
}

impl Level {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

/// Public members of an achievement, never of a person: they are served to anyone for ever, and a
/// marketplace may keep a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicMetadata {
    /// The achievement's name: 1 to 200 characters.
    pub name: String,
    /// At most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `https://` or `ipfs://`, or a PNG or SVG in a base64 `data:` URL of at most 32 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Where people read more: `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// At most 16, as credits or a field of study.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

/// A property that wallets list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attribute {
    /// 1 to 200 characters.
    pub name: String,
    /// 1 to 200 characters.
    pub value: String,
}

/// The member that breaks a rule, and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {rule}")]
pub struct MetadataError {
    /// As `image`, `attributes/3/name`.
    pub member: String,
    pub rule: &'static str,
}

impl PublicMetadata {
    /// Whether all members keep their limits.
    ///
    /// # Errors
    /// The first member that does not.
    pub fn check(&self) -> Result<(), MetadataError> {
        let refuse = |member: &str, rule| Err(MetadataError { member: member.to_owned(), rule });
        if !is_line(&self.name) {
            return refuse("name", LINE_RULE);
        }
        if self.description.as_ref().is_some_and(|text| {
            text.chars().count() > MAX_DESCRIPTION_CHARS
                || text.chars().any(|c| c.is_control() && c != '\n')
        }) {
            return refuse("description", "at most 2,000 characters, no control characters");
        }
        if self.image.as_ref().is_some_and(|image| !is_image(image)) {
            return refuse(
                "image",
                "an https:// or ipfs:// URL of at most 2,000 bytes, or data:image/png;base64, or \
                 data:image/svg+xml;base64, of at most 32 KiB",
            );
        }
        if self.url.as_ref().is_some_and(|url| !is_url(url, &["https://"])) {
            return refuse("url", "an https:// URL of at most 2,000 bytes");
        }
        if self.attributes.len() > MAX_ATTRIBUTES {
            return refuse("attributes", "at most 16");
        }
        for (at, Attribute { name, value }) in self.attributes.iter().enumerate() {
            for (member, text) in [("name", name), ("value", value)] {
                if !is_line(text) {
                    return refuse(&format!("attributes/{at}/{member}"), LINE_RULE);
                }
            }
        }
        Ok(())
    }
}

const LINE_RULE: &str = "1 to 200 characters, no control characters";

fn is_line(text: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Printable ASCII after one of the schemes; nothing that ends an attribute or a string.
fn is_url(text: &str, schemes: &[&str]) -> bool {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte);
    text.len() <= MAX_URL_BYTES
        && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain))
}

fn is_image(text: &str) -> bool {
    let inline = ["data:image/png;base64,", "data:image/svg+xml;base64,"];
    match inline.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        Some(data) => {
            let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
            text.len() <= MAX_IMAGE_BYTES && !data.is_empty() && data.bytes().all(base64)
        }
        None => is_url(text, &["https://", "ipfs://"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> PublicMetadata {
        PublicMetadata {
            name: "반도체 심화과정".to_owned(),
            description: Some("24학점\n실습 포함".to_owned()),
            image: Some("https://example.org/b.svg".to_owned()),
            url: None,
            level: Some(Level::Silver),
            attributes: vec![Attribute { name: "credits".to_owned(), value: "24".to_owned() }],
        }
    }

    #[test]
    fn each_member_has_its_limits() {
        assert_eq!(plain().check(), Ok(()));
        let refused = |change: fn(&mut PublicMetadata)| {
            let mut metadata = plain();
            change(&mut metadata);
            metadata.check().unwrap_err().member
        };
        assert_eq!(refused(|m| m.name.clear()), "name");
        assert_eq!(refused(|m| m.name = "가".repeat(201)), "name");
        assert_eq!(refused(|m| m.description = Some("a\u{7}".to_owned())), "description");
        assert_eq!(refused(|m| m.url = Some("javascript:alert(1)".to_owned())), "url");
        assert_eq!(refused(|m| m.url = Some("https://a\"b".to_owned())), "url");
        for image in
            ["http://a/b", "data:text/html;base64,AA", "data:image/png;base64,<", "https://"]
        {
            let metadata = PublicMetadata { image: Some(image.to_owned()), ..plain() };
            assert_eq!(metadata.check().unwrap_err().member, "image", "{image}");
        }
        assert_eq!(refused(|m| m.attributes[0].value.clear()), "attributes/0/value");
        let many = vec![plain().attributes[0].clone(); 17];
        let metadata = PublicMetadata { attributes: many, ..plain() };
        assert_eq!(metadata.check().unwrap_err().member, "attributes");
    }
}
