//! Keys: forms, scopes, issuers, other accounts, revocation.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::Control;
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, credential, submission};
use crate::support::over_both_databases;

over_both_databases!(
    every_wrong_key_is_refused,
    a_key_does_only_what_its_scopes_say,
    another_accounts_badges_do_not_exist,
    a_key_speaks_only_for_its_issuers,
    a_disabled_issuer_takes_no_badges,
    a_revoked_key_ends_within_half_a_minute,
);

async fn every_wrong_key_is_refused(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let answer = api.public("GET", "/v1/badges", "").await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (StatusCode::UNAUTHORIZED, "key_missing")
    );
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"ingam\""));
    let mut mistyped = api.key.clone().into_bytes();
    mistyped[20] = if mistyped[20] == b'0' { b'1' } else { b'0' };
    let mistyped = String::from_utf8(mistyped).unwrap();
    let foreign = domain::ApiKey::generate(&domain::SeededEntropy::new(99));
    for (value, code) in [
        (format!("Basic {}", api.key), "key_malformed"),
        ("Bearer".to_owned(), "key_malformed"),
        ("Bearer secret".to_owned(), "key_malformed"),
        (format!("Bearer {mistyped}"), "key_malformed"),
        (format!("Bearer {}", foreign.reveal()), "key_unknown"),
    ] {
        let request = Request::get("/v1/badges").header(header::AUTHORIZATION, &value);
        let answer = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{value}");
        assert_eq!(answer.problem(), code, "{value}");
        assert!(!answer.text().contains(foreign.reveal()));
    }
}

async fn a_key_does_only_what_its_scopes_say(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let id = api.submit(1).await["id"].as_str().unwrap().to_owned();
    let account = api.service.account;
    let reader = api.new_key(account, "read", &[]).await;
    let writer = api.new_key(account, "ingest", &[]).await;
    let badge = format!("/v1/badges/{id}");
    for (key, method, path, body) in [
        (&reader, "POST", "/v1/badges".to_owned(), submission(2)),
        (&reader, "POST", "/v1/badges/bulk".to_owned(), submission(2)),
        (&reader, "POST", format!("{badge}/revoke"), json!({"reason": "privilege-withdrawn"})),
        (&reader, "DELETE", badge.clone(), Value::Null),
        (&writer, "GET", badge.clone(), Value::Null),
        (&writer, "GET", "/v1/badges".to_owned(), Value::Null),
        (&writer, "GET", "/v1/proofs/export".to_owned(), Value::Null),
    ] {
        let answer = api.call_as(key, method, &path, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert_eq!(answer.problem(), "scope_missing");
    }
    assert_eq!(api.call_as(&reader, "GET", &badge, "").await.status, StatusCode::OK);
}

async fn another_accounts_badges_do_not_exist(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let id = api.submit(1).await["id"].as_str().unwrap().to_owned();
    let other = api.service.store.add_account("other", Default::default()).await.unwrap().id;
    let key = api.new_key(other, "ingest,read", &[]).await;
    let unknown = api.call_as(&key, "GET", "/v1/badges/999", "").await;
    for (method, path) in [
        ("GET", format!("/v1/badges/{id}")),
        ("DELETE", format!("/v1/badges/{id}")),
        ("GET", "/v1/badges/not-a-number".to_owned()),
    ] {
        let answer = api.call_as(&key, method, &path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body, unknown.body, "not to be told from an unknown one");
    }
    let revoke = json!({"reason": "privilege-withdrawn"}).to_string();
    let answer = api.call_as(&key, "POST", &format!("/v1/badges/{id}/revoke"), revoke).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let list = api.call_as(&key, "GET", "/v1/badges", "").await.json();
    assert_eq!(list, json!({"items": []}));
    // nor may it submit for that account's issuer
    let answer = api.call_as(&key, "POST", "/v1/badges", submission(1).to_string()).await;
    assert_eq!(answer.problem(), "issuer_not_registered");
    assert_eq!(api.get(&format!("/v1/badges/{id}")).await.status, StatusCode::OK);
}

async fn a_key_speaks_only_for_its_issuers(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let first = api.submit(1).await;
    let store = Arc::clone(&api.service.store);
    let identifier = "did:web:design.example".parse().unwrap();
    let aliases = ["https://design.example/".to_owned()];
    let account = api.service.account;
    let issuer = store
        .add_issuer(account, &identifier, &aliases, Control::Manual, Default::default())
        .await
        .unwrap();
    let narrow = api.new_key(account, "ingest,read", &[issuer.id]).await;
    let answer = api.call_as(&narrow, "POST", "/v1/badges", submission(2).to_string()).await;
    assert_eq!(answer.problem(), "issuer_not_registered");
    // an alias names the registered identifier, also when the badge names another issuer
    let body = json!({"credential": credential(2), "issuer": aliases[0]});
    let answer = api.call_as(&narrow, "POST", "/v1/badges", body.to_string()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.json()["receipt"]["promise"]["issuer"], identifier.as_str());
    let path = format!("/v1/badges/{}", first["id"].as_str().unwrap());
    assert_eq!(api.call_as(&narrow, "GET", &path, "").await.status, StatusCode::NOT_FOUND);
    let list = api.call_as(&narrow, "GET", "/v1/badges", "").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let foreign = "/v1/badges?issuer=https%3A%2F%2Fhanbit.example%2F";
    let list = api.call_as(&narrow, "GET", foreign, "").await.json();
    assert_eq!(list["items"], json!([]));
}

async fn a_disabled_issuer_takes_no_badges(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    api.submit(1).await;
    let now = Default::default();
    api.service.store.disable_issuer(api.service.issuer, now).await.unwrap();
    api.service.clock.advance(30_001);
    let answer = api.post("/v1/badges", &submission(2)).await;
    assert_eq!(answer.problem(), "issuer_not_registered");
}

async fn a_revoked_key_ends_within_half_a_minute(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    assert_eq!(api.get("/v1/badges").await.status, StatusCode::OK);
    let (account, now) = (api.service.account, Default::default());
    assert_eq!(api.service.store.revoke_key(account, &api.key[..14], now).await.unwrap(), 1);
    api.service.clock.advance(30_001);
    assert_eq!(api.get("/v1/badges").await.problem(), "key_unknown");
}
