//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a client's name for one request.
//! With it a repeat gets the answer of the first, and nothing is done twice.
//!
//! What a request did is stored with its name in the transaction that does it; only hashes of name
//! and request are kept. The set in [`Running`] spares a repeat that comes too early the work.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use domain::AccountId;
use proof::{Hash, Timestamp};
use store::{Claim, Deed, KeptRequest, RequestKey};

use crate::parameters::Parameters;
use crate::problem::{Answer, Problem, ProblemCode};
use crate::service::Service;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest key, in characters.
const MAX_KEY: usize = 255;
/// How long a key stands for its request, in milliseconds: a day, as long as the promise.
const KEPT_MS: i64 = 86_400_000;
/// Before what is hashed, so that neither hash is one of another kind.
const KEY_DOMAIN: &[u8] = b"ingam idempotency key 1\0";
const REQUEST_DOMAIN: &[u8] = b"ingam idempotent request 1\0";

/// What of a request is known before its body: its key, if it has one, and what it asks for.
pub(crate) struct NamedRequest {
    key: Option<String>,
    /// Method, path, and the query's names and values in their order.
    target: Vec<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let key = key_of(&parts.headers)?;
        let mut target = vec![parts.method.to_string(), parts.uri.path().to_owned()];
        if key.is_some() {
            target.extend(Parameters::from_request_parts(parts, state).await?.canonical());
        }
        Ok(Self { key, target })
    }
}

/// The key in the header: a string of RFC 8941, or, as many clients write it, the bare characters.
fn key_of(headers: &HeaderMap) -> Answer<Option<String>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().filter(|_| values.next().is_none());
    match key.map(str::trim).and_then(unquoted) {
        Some(key) => Ok(Some(key)),
        None => {
            let detail = "send one Idempotency-Key: 1 to 255 visible ASCII characters, in double \
                quotes (RFC 8941, section 3.3.3)";
            Err(Problem::new(ProblemCode::IdempotencyKeyMalformed, detail))
        }
    }
}

fn unquoted(text: &str) -> Option<String> {
    let key = match text.strip_prefix('"') {
        Some(rest) => unescaped(rest.strip_suffix('"')?)?,
        None if text.contains(['"', '\\', ',', ';']) => return None,
        None => text.to_owned(),
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=MAX_KEY).contains(&key.len())).then_some(key)
}

fn unescaped(text: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        key.push(match character {
            '"' => return None,
            '\\' => characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?,
            plain => plain,
        });
    }
    Some(key)
}

impl NamedRequest {
    /// What a request with this body, which came at `at`, claims; `None` without a key.
    pub(crate) fn claim(&self, account: AccountId, body: &[u8], at: Timestamp) -> Option<Claim> {
        let key = self.key.as_deref()?;
        let hash = Hash::of(&[KEY_DOMAIN, &account.0.to_be_bytes(), key.as_bytes()]);
        // the key goes in, too: who reads the database cannot try out bodies
        let texts: Vec<&str> =
            std::iter::once(key).chain(self.target.iter().map(String::as_str)).collect();
        let number = |length: usize| (length as u64).to_be_bytes();
        let lengths: Vec<[u8; 8]> = texts.iter().map(|text| number(text.len())).collect();
        let count = number(texts.len());
        let mut parts: Vec<&[u8]> = vec![REQUEST_DOMAIN, &count];
        for (text, length) in texts.iter().zip(&lengths) {
            parts.extend([&length[..], text.as_bytes()]);
        }
        parts.push(body);
        Some(Claim {
            key: RequestKey { account, hash },
            fingerprint: Hash::of(&parts),
            at,
            expires_at: at.plus_millis(KEPT_MS),
        })
    }
}

/// What the request did when it came before.
///
/// # Errors
/// `idempotency_key_reused`, for a key that another request has, or whose badge was erased.
pub(crate) async fn done_before(service: &Service, claim: &Claim) -> Answer<Option<Deed>> {
    match service.store().kept(claim.key, claim.at).await? {
        None => Ok(None),
        Some(KeptRequest::Done { fingerprint, deed }) if fingerprint == claim.fingerprint => {
            Ok(Some(deed))
        }
        Some(KeptRequest::Done { .. }) => {
            Err(reused("the key was given to another request; take a new key for this one"))
        }
        Some(KeptRequest::Erased) => {
            Err(reused("what the request with this key did was erased; take a new key"))
        }
    }
}

/// The key cannot be used for this request.
pub(crate) fn reused(detail: &'static str) -> Problem {
    Problem::new(ProblemCode::IdempotencyKeyReused, detail)
}

/// The keys of the requests that this process works on.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashSet<RequestKey>>);

/// A request that is worked on, until dropped.
pub(crate) struct Run<'a> {
    running: &'a Running,
    key: RequestKey,
}

impl Running {
    /// # Errors
    /// `idempotency_key_in_use`, while another request with the key is worked on.
    pub(crate) fn begin(&self, claim: &Claim) -> Answer<Run<'_>> {
        let key = claim.key;
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.insert(key) { Ok(Run { running: self, key }) } else { Err(Problem::key_in_use()) }
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn key(value: &str) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_str(value).unwrap());
        key_of(&headers).map_err(|problem| problem.code().as_str())
    }

    #[test]
    fn a_key_is_a_string_of_visible_characters() {
        let longest = "k".repeat(MAX_KEY);
        for (value, expected) in [
            ("\"8e03978e-40d5-43e6-bc93-6894a57f9324\"", "8e03978e-40d5-43e6-bc93-6894a57f9324"),
            ("8e03978e", "8e03978e"),
            (" \"a\" ", "a"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (&format!("\"{longest}\""), &longest),
            (&longest, &longest),
        ] {
            assert_eq!(key(value), Ok(Some(expected.to_owned())), "{value}");
        }
        let too_long = format!("\"{longest}k\"");
        for value in [
            "",
            "\"\"",
            "\"",
            "a b",
            "\"a b\"",
            "\"a",
            "a\"",
            "\"a\";p=1",
            "\"a\", \"b\"",
            "a,b",
            "\"a\\b\"",
            "\"a\\\"",
            "\"a\"b\"",
            &too_long,
        ] {
            assert_eq!(key(value), Err("idempotency_key_malformed"), "{value}");
        }
        assert!(key_of(&HeaderMap::new()).unwrap().is_none());
        let mut twice = HeaderMap::new();
        twice.append(IDEMPOTENCY_KEY, HeaderValue::from_static("\"a\""));
        twice.append(IDEMPOTENCY_KEY, HeaderValue::from_static("\"a\""));
        assert!(key_of(&twice).is_err());
    }

    #[test]
    fn only_the_same_request_of_the_account_has_the_fingerprint() {
        let request = |key: &str, target: &[&str]| NamedRequest {
            key: Some(key.to_owned()),
            target: target.iter().map(|text| (*text).to_owned()).collect(),
        };
        let claim = |request: &NamedRequest, account, body: &str| {
            let claim = request.claim(AccountId(account), body.as_bytes(), Timestamp::default());
            claim.map(|claim| (claim.key.hash, claim.fingerprint)).unwrap()
        };
        let first = request("k", &["POST", "/a", "x", "1"]);
        let (key, fingerprint) = claim(&first, 1, "body");
        assert_eq!(claim(&first, 1, "body"), (key, fingerprint));
        assert_eq!(claim(&first, 1, "bodY").0, key);
        assert_ne!(claim(&first, 2, "body").0, key);
        for (other, body) in [
            (request("k", &["POST", "/a", "x", "1"]), "bodY"),
            (request("k", &["POST", "/a", "x", "2"]), "body"),
            (request("k", &["POST", "/b", "x", "1"]), "body"),
            (request("k", &["PUT", "/a", "x", "1"]), "body"),
            (request("k", &["POST", "/a", "x1", ""]), "body"),
            (request("k", &["POST", "/a"]), "body"),
            (request("l", &["POST", "/a", "x", "1"]), "body"),
        ] {
            assert_ne!(claim(&other, 1, body).1, fingerprint, "{:?}", other.target);
        }
        let unnamed = NamedRequest { key: None, target: Vec::new() };
        assert_eq!(unnamed.claim(AccountId(1), b"", Timestamp::default()), None);
    }

    #[test]
    fn one_request_at_a_time_has_a_key() {
        let claim = |byte| Claim {
            key: RequestKey { account: AccountId(1), hash: Hash([byte; 32]) },
            fingerprint: Hash::ZERO,
            at: Timestamp::default(),
            expires_at: Timestamp::default(),
        };
        let running = Running::default();
        let first = running.begin(&claim(1)).unwrap();
        assert!(running.begin(&claim(2)).is_ok());
        let refused = running.begin(&claim(1)).err().unwrap();
        assert_eq!(refused.code(), ProblemCode::IdempotencyKeyInUse);
        drop(first);
        assert!(running.begin(&claim(1)).is_ok());
    }
}
