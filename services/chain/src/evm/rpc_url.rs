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

    /// `text` without anything of the URL that may be a key: some nodes repeat it in their errors.
    pub(crate) fn redact(&self, text: &str) -> String {
        let path = self.0.path().split('/');
        let query = self.0.query().unwrap_or_default().split(['&', '=']);
        let user = [self.0.username(), self.0.password().unwrap_or_default()];
        let mut redacted = text.to_owned();
        for secret in path.chain(query).chain(user).filter(|part| part.len() >= 6) {
            redacted = redacted.replace(secret, "…");
        }
        redacted
    }
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
    fn only_http() {
        for wrong in ["", "node.example", "ws://node.example", "file:///etc/passwd", "http://"] {
            assert_eq!(wrong.parse::<RpcUrl>(), Err(RpcUrlError), "{wrong}");
        }
    }
}
