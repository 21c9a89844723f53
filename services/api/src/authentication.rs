//! `Authorization: Bearer ingam_…`: whose request it is and what it may do.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use domain::{ApiKey, ApiKeyRecord, KeyGrant, Scope};
use proof::Hash;

use crate::client_address;
use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::{ADMINISTRATION_MEMORY_MS, Recent};
use crate::service::Shared;

const MAX_REMEMBERED_KEYS: usize = 10_000;

pub(crate) struct KeyMemory(Recent<Hash, ApiKeyRecord>);

impl KeyMemory {
    pub(crate) fn new() -> Self {
        Self(Recent::new(ADMINISTRATION_MEMORY_MS, MAX_REMEMBERED_KEYS))
    }
}

/// A caller who may submit, revoke and erase.
pub(crate) struct Ingest(pub(crate) KeyGrant);

/// A caller who may read the account's badges.
pub(crate) struct Read(pub(crate) KeyGrant);

impl FromRequestParts<Shared> for Ingest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Answer<Self> {
        authorise(parts, service, Scope::Ingest).await.map(Self)
    }
}

impl FromRequestParts<Shared> for Read {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Shared) -> Answer<Self> {
        authorise(parts, service, Scope::Read).await.map(Self)
    }
}

async fn authorise(parts: &Parts, service: &Shared, scope: Scope) -> Answer<KeyGrant> {
    let key = presented(parts)?;
    let grant = granted(parts, service, key.hash()).await?;
    let grant = grant
        .ok_or_else(|| Problem::new(ProblemCode::KeyUnknown, "ask the operator for a new key"))?;
    service.rates.check_key(key.hash())?;
    if grant.scopes.has(scope) {
        Ok(grant)
    } else {
        let detail = format!("this call needs the scope {}", scope.name());
        Err(Problem::new(ProblemCode::ScopeMissing, detail))
    }
}

fn presented(parts: &Parts) -> Answer<ApiKey> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else {
        let detail = "send one header `Authorization: Bearer ingam_…`";
        return Err(Problem::new(ProblemCode::KeyMissing, detail));
    };
    let malformed = |why: &str| Problem::new(ProblemCode::KeyMalformed, why.to_owned());
    let text = header.to_str().map_err(|_| malformed("a key is ASCII text"))?;
    let (scheme, key) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed("the scheme is Bearer (RFC 6750)"));
    }
    key.trim().parse().map_err(|why: domain::KeyError| malformed(&why.to_string()))
}

/// What the key allows now. A key that is not known to be good costs its sender's address a token
/// before the database is asked, so that guessing is slow, and going on with an ended key, too. Only
/// keys that exist are remembered.
async fn granted(parts: &Parts, service: &Shared, hash: Hash) -> Answer<Option<KeyGrant>> {
    let now = service.now();
    let remembered = service.keys.0.get(&hash, now);
    if let Some(grant) = remembered.as_ref().and_then(|record| record.grant(now)) {
        return Ok(Some(grant));
    }
    let trusted = &service.state.config.trusted_proxies;
    let client = client_address::of(&parts.extensions, &parts.headers, trusted);
    service.rates.check_address(client)?;
    // what has ended does not come back
    if remembered.is_some() {
        return Ok(None);
    }
    let Some(record) = service.store().key(hash).await? else { return Ok(None) };
    let grant = record.grant(now);
    service.keys.0.put(hash, record, now);
    Ok(grant)
}
