//! Every operation of the OpenAPI document, with every kind of wrong caller: what is not his does not
//! exist, and no answer tells more. An operation that has no entry here fails the test.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use domain::{AccountId, ApiKey, ApiKeyRecord, Clock as _, Scopes, SeededEntropy};
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, credential, request, shown, submission};
use crate::support::over_both_databases;

over_both_databases!(
    every_operation_is_in_the_table,
    a_wrong_key_opens_nothing,
    a_scope_opens_its_operations_only,
    what_is_anothers_does_not_exist,
    what_needs_no_key_looks_at_none,
);

/// What an operation gives to a caller with a good key and nothing of his own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A badge that its path names: the one 404.
    OneBadge,
    /// An issuer that its body names: `issuer_not_registered`.
    OneIssuer,
    /// As [`Of::OneIssuer`], line by line.
    ManyIssuers,
    /// All that is the caller's: nothing.
    All,
}

/// An operation with a key, as a good caller would use it; `{id}` is a badge.
struct Platform {
    name: &'static str,
    scope: &'static str,
    of: Of,
    method: &'static str,
    path: &'static str,
    body: Value,
}

fn platform() -> Vec<Platform> {
    let one =
        |name, scope, of, method, path, body| Platform { name, scope, of, method, path, body };
    let (none, badge) = (Value::Null, "/v1/badges/{id}");
    let recipient = json!({"recipient": shown(4)});
    let revoke = json!({"reason": "superseded"});
    vec![
        one("submitBadge", "ingest", Of::OneIssuer, "POST", "/v1/badges", submission(1)),
        one("submitBadgeFile", "ingest", Of::OneIssuer, "POST", "/v1/badges/raw", credential(2)),
        one("submitBadges", "ingest", Of::ManyIssuers, "POST", "/v1/badges/bulk", submission(3)),
        one("listBadges", "read", Of::All, "GET", "/v1/badges", none.clone()),
        one("exportProofs", "read", Of::All, "GET", "/v1/proofs/export", none.clone()),
        one("getBadge", "read", Of::OneBadge, "GET", badge, none.clone()),
        one("setRecipient", "ingest", Of::OneBadge, "PUT", "/v1/badges/{id}/recipient", recipient),
        one("revokeBadge", "ingest", Of::OneBadge, "POST", "/v1/badges/{id}/revoke", revoke),
        // last: it works
        one("eraseBadge", "ingest", Of::OneBadge, "DELETE", badge, none),
    ]
}

/// Operations without a key: name, method, path, body.
fn public() -> Vec<(&'static str, &'static str, String, Value)> {
    let zeros = "00".repeat(32);
    let contract = shown(9);
    let get = |name, path: &str| (name, "GET", path.to_owned(), Value::Null);
    let post = |name, path: &str, body| (name, "POST", path.to_owned(), body);
    vec![
        get("getProof", "/v1/proofs/AAEAAAAAAAB3p3uK7w2o0m3V3p0cX1yR"),
        post("lookUpProofs", "/v1/proofs/lookup", json!({"rule": "opaque", "digest": zeros})),
        post("verify", "/v1/verify", json!({"badge": credential(7)})),
        post("embed", "/v1/embed", json!({"badge": credential(7)})),
        get("listBatches", "/v1/batches"),
        get("getBatch", &format!("/v1/batches/{zeros}")),
        get("getTile", &format!("/v1/batches/{zeros}/tiles/0/0")),
        get("getTokenMetadata", &format!("/v1/tokens/31337/{contract}/5")),
        get("getCollectionMetadata", &format!("/v1/tokens/31337/{contract}/contract")),
        get("listTokensOfOwner", &format!("/v1/owners/{}/tokens", shown(4))),
        get("getPromise", "/v1/promise"),
        get("listBreaches", "/v1/promise/breaches"),
        get("getTrustFile", "/v1/trust"),
        get("getTrustHistory", "/.well-known/ingam.json"),
        get("listProblems", "/v1/problems"),
        get("getProblem", "/v1/problems/not_found"),
    ]
}

/// A path of the table as the document writes it: method and pattern are found by name.
fn documented() -> BTreeMap<String, (String, String, Option<String>)> {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["key"][0].as_str().map(str::to_owned);
            let name = operation["operationId"].as_str().unwrap().to_owned();
            operations.insert(name, (method.to_uppercase(), path.clone(), scope));
        }
    }
    operations
}

async fn every_operation_is_in_the_table(_store: Arc<dyn Store>) {
    let mut documented = documented();
    for Platform { name, scope, method, path, .. } in platform() {
        let expected = (method.to_owned(), path.to_owned(), Some(scope.to_owned()));
        assert_eq!(documented.remove(name), Some(expected), "{name}");
    }
    for (name, method, path, _) in public() {
        let (found, pattern, scope) = documented.remove(name).expect(name);
        assert_eq!((found.as_str(), scope), (method, None), "{name}");
        let (parts, places) = (path.split('/'), pattern.split('/'));
        assert_eq!(parts.clone().count(), places.clone().count(), "{name}");
        for (part, place) in parts.zip(places) {
            assert!(place.starts_with('{') || part == place, "{path} is not {pattern}");
        }
    }
    assert!(documented.is_empty(), "say here who may do this: {documented:?}");
}

/// A key whose record is altered.
async fn key_with(api: &Api, seed: u64, alter: impl FnOnce(&mut ApiKeyRecord)) -> String {
    let key = ApiKey::generate(&SeededEntropy::new(seed));
    let mut record = ApiKeyRecord {
        hash: key.hash(),
        account: api.service.account,
        shown: key.shown().to_owned(),
        scopes: "ingest,read".parse::<Scopes>().unwrap(),
        issuers: Vec::new(),
        created_at: api.service.clock.now(),
        expires_at: None,
        revoked_at: None,
    };
    alter(&mut record);
    api.service.store.add_key(&record).await.unwrap();
    key.reveal().to_owned()
}

/// What a caller can tell two answers apart by.
fn told(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    (answer.status.as_u16(), answer.text().to_owned(), headers(&answer.headers))
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let all = headers.iter().filter(|(name, _)| *name != "x-request-id");
    all.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

async fn call(api: &Api, key: &str, one: &Platform, id: &str) -> Answer {
    let body = if one.body.is_null() { String::new() } else { one.body.to_string() };
    let path = one.path.replace("{id}", id);
    let answer = api.send(request(key, one.method, &path, body)).await;
    assert!(!answer.text().contains(key), "{} repeats the key", one.name);
    answer
}

/// A badge of the account, and how often things were stored.
async fn some_badge(api: &mut Api) -> String {
    api.submit(50).await["id"].as_str().unwrap().to_owned()
}

async fn a_wrong_key_opens_nothing(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let id = some_badge(&mut api).await;
    let now = api.service.clock.now();
    let unknown = ApiKey::generate(&SeededEntropy::new(71)).reveal().to_owned();
    let revoked = key_with(&api, 72, |key| key.revoked_at = Some(now)).await;
    let expired = key_with(&api, 73, |key| key.expires_at = Some(now)).await;
    let mistyped = format!("{}0", &unknown[..unknown.len() - 1]);
    let before = api.service.store.counts().await.unwrap();
    for one in platform() {
        let path = one.path.replace("{id}", &id);
        let keyless = Request::builder().method(one.method).uri(&path).body(Body::empty()).unwrap();
        let answer = api.send(keyless).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (401, "key_missing"));
        for malformed in ["secret-password", mistyped.as_str(), &unknown.to_uppercase()] {
            let answer = call(&api, malformed, &one, &id).await;
            let told = (answer.status.as_u16(), answer.problem());
            assert_eq!(told, (401, "key_malformed".to_owned()), "{}", one.name);
        }
        let first = call(&api, &unknown, &one, &id).await;
        assert_eq!((first.status.as_u16(), first.problem().as_str()), (401, "key_unknown"));
        assert_eq!(first.header("www-authenticate"), Some("Bearer realm=\"ingam\""));
        // read from the database, and remembered
        for ended in [&revoked, &expired, &revoked, &expired] {
            let answer = call(&api, ended, &one, &id).await;
            assert_eq!(told(&answer), told(&first), "{}", one.name);
        }
        // what is there and what is not
        let nowhere = call(&api, &unknown, &one, "999").await;
        assert_eq!(told(&nowhere), told(&first), "{}", one.name);
    }
    assert_eq!(api.service.store.counts().await.unwrap(), before, "nothing was done");
}

async fn a_scope_opens_its_operations_only(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let id = some_badge(&mut api).await;
    let account = api.service.account;
    let keys = [
        ("ingest", api.new_key(account, "ingest", &[]).await),
        ("read", api.new_key(account, "read", &[]).await),
    ];
    for one in platform() {
        for (scope, key) in &keys {
            let answer = call(&api, key, &one, &id).await;
            if *scope == one.scope {
                assert!(answer.status.is_success(), "{}: {}", one.name, answer.text());
            } else {
                let told = (answer.status.as_u16(), answer.problem());
                assert_eq!(told, (403, "scope_missing".to_owned()), "{}", one.name);
                let nowhere = call(&api, key, &one, "999").await;
                assert_eq!(self::told(&nowhere), self::told(&answer), "{}", one.name);
            }
        }
    }
}

async fn what_is_anothers_does_not_exist(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let id = some_badge(&mut api).await;
    api.service.grow_old();
    api.service.until_final().await;
    let other: AccountId =
        api.service.store.add_account("other", Default::default()).await.unwrap().id;
    let identifier = "did:web:design.example".parse().unwrap();
    let control = domain::Control::Manual;
    let account = api.service.account;
    let issuer =
        api.service.store.add_issuer(account, &identifier, &[], control, Default::default());
    let issuer = issuer.await.unwrap().id;
    let callers = [
        api.new_key(other, "ingest,read", &[]).await,
        api.new_key(account, "ingest,read", &[issuer]).await,
    ];
    let before = api.service.store.counts().await.unwrap();
    let own = told(&api.get(&format!("/v1/badges/{id}")).await);
    for key in &callers {
        for one in platform() {
            let answer = call(&api, key, &one, &id).await;
            match one.of {
                Of::OneBadge => {
                    assert_eq!(
                        (answer.status.as_u16(), answer.problem()),
                        (404, "not_found".to_owned())
                    );
                    for nowhere in ["999", "281474976719999", "-1", "x", "9223372036854775808"] {
                        let missing = call(&api, key, &one, nowhere).await;
                        assert_eq!(told(&missing), told(&answer), "{} of {nowhere}", one.name);
                    }
                }
                Of::OneIssuer => {
                    let told = (answer.status.as_u16(), answer.problem());
                    assert_eq!(told, (422, "issuer_not_registered".to_owned()), "{}", one.name);
                }
                Of::ManyIssuers => {
                    assert_eq!(answer.status.as_u16(), 200);
                    let lines: Vec<Value> = answer
                        .text()
                        .lines()
                        .map(|line| serde_json::from_str(line).unwrap())
                        .collect();
                    assert_eq!(lines[1]["code"], "issuer_not_registered");
                    assert_eq!((lines.len(), &lines[2]["size"]), (3, &json!(0)));
                }
                Of::All => {
                    assert_eq!(answer.status.as_u16(), 200);
                    assert!(!answer.text().contains(&id), "{}", one.name);
                    let nothing = ["{\"items\":[]}", "{\"next\":null}\n"];
                    assert!(nothing.contains(&answer.text()), "{}", answer.text());
                }
            }
        }
    }
    assert_eq!(api.service.store.counts().await.unwrap(), before, "nothing was done");
    assert_eq!(told(&api.get(&format!("/v1/badges/{id}")).await), own);
}

async fn what_needs_no_key_looks_at_none(store: Arc<dyn Store>) {
    let api = Api::minting(store).await;
    let other = api.service.store.add_account("other", Default::default()).await.unwrap().id;
    let others = api.new_key(other, "ingest,read", &[]).await;
    for (name, method, path, body) in public() {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let plain = api.public(method, &path, body.clone()).await;
        assert!(![401, 403, 500].contains(&plain.status.as_u16()), "{name}: {}", plain.text());
        for key in ["secret-password", &others, &api.key] {
            let answer = api.send(request(key, method, &path, body.clone())).await;
            assert_eq!(told(&answer), told(&plain), "{name}");
        }
        if plain.status.is_client_error() {
            for secret in [&path[path.rfind('/').unwrap() + 1..], &"00".repeat(32)] {
                let repeats = secret.len() > 30 && plain.text().contains(secret);
                assert!(!repeats, "{name} repeats {secret}");
            }
        }
    }
}
