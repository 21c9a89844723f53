//! URLs of nodes, which often hold keys and so are never shown.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// An `http` or `https` URL. Printed as its host and port only.
#[derive(Clone, PartialEq, Eq)]
pub struct RpcUrl(Url);

/// A text that is no [`RpcUrl`]. The text is not repeated: it may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an http:// or https:// URL with a host")]
pub struct RpcUrlError;

impl FromStr for RpcUrl {
    type Err = RpcUrlError;

    fn from_str(text: &str) -> Result<Self, RpcUrlError> {
        let url = Url::parse(text).map_err(|_| RpcUrlError)?;
        let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
        if is_http { Ok(Self(url)) } else { Err(RpcUrlError) }
    }
}

impl RpcUrl {
    pub(crate) const fn url(&self) -> &Url {
        &self.0
    }

    /// `text` without anything of the URL that may be a key: some nodes repeat it in their errors, as
    /// it was sent or decoded.
    pub(crate) fn redact(&self, text: &str) -> String {
        let (user, password) = (self.0.username(), self.0.password().unwrap_or_default());
        let path = self.0.path().split('/');
        let parts = path.chain([user]).filter(|part| part.len() >= MIN_SECRET);
        let query = self.0.query().unwrap_or_default().split(['&', '=']);
        // names of parameters are short, passwords may be
        let query = query.filter(|part| part.len() > 3);
        let spelled = parts.chain(query).chain([password]).filter(|part| !part.is_empty());
        let mut secrets: Vec<String> =
            spelled.flat_map(|part| [part.to_owned(), percent_decoded(part)]).collect();
        // the longest first: one may be a part of another
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "…"))
    }
}

/// Parts of a path that are shorter are words like `v3` and `rpc`.
const MIN_SECRET: usize = 6;

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl fmt::Display for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.host_str().unwrap_or_default())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for RpcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        let url = "https://user:passw0rd@node.example:8545/v3/0123456789abcdef?token=secret1";
        let url = url.parse::<RpcUrl>().unwrap();
        assert_eq!(format!("{url} {url:?}"), "node.example:8545 node.example:8545");
        let text = "no project 0123456789abcdef (secret1) at node.example/v3";
        assert_eq!(url.redact(text), "no project … (…) at node.example/v3");
    }

    #[test]
    fn keys_are_not_shown_however_they_are_spelled() {
        let url = "https://me:p%40s@node.example/%6Bey%2Fkey%2Fkey?apikey=k1%2B2";
        let url = url.parse::<RpcUrl>().unwrap();
        for (text, redacted) in [
            ("p%40s, p@s", "…, …"),
            ("key/key/key", "…"),
            ("k1+2 and k1%2B2", "… and …"),
            ("node.example said no", "node.example said no"),
        ] {
            assert_eq!(url.redact(text), redacted, "{text}");
        }
    }

    #[test]
    fn only_http() {
        for wrong in ["", "node.example", "ws://node.example", "file:///etc/passwd", "http://"] {
            assert_eq!(wrong.parse::<RpcUrl>(), Err(RpcUrlError), "{wrong}");
        }
    }
}
