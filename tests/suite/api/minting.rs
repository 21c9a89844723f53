//! A token asked for at any time, by whom, and how far it is.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{BadgeState, Control, MintState};
use serde_json::json;
use store::Store;

use super::client::{Api, CHECKSUMMED, credential, given_to, position, refusal, shown};
use crate::support::{COLLECTIONS, over_both_databases, owner};

over_both_databases!(
    a_token_is_asked_for_later,
    a_token_of_another_is_replaced_only_by_name,
    a_replaced_token_is_in_no_proof,
    a_revoked_badge_gets_no_token,
    a_batch_that_is_being_sealed_lets_others_wait,
    who_may_ask_for_a_token,
    a_status_tells_how_far_the_token_is,
    a_status_tells_how_a_token_ended,
);

async fn a_token_is_asked_for_later(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = position(&api.finished(1).await[0]);
    let (badge_path, path) =
        (format!("/v1/badges/{badge}"), format!("/v1/badges/{badge}/recipient"));
    assert_eq!(api.get(&badge_path).await.json().get("mint"), None);
    for (body, code, pointer) in [
        (json!({}), "missing_member", "/recipient"),
        (json!({"recipient": CHECKSUMMED.replace("5aA", "5aa")}), "invalid_member", "/recipient"),
        (json!({"recipient": shown(1), "replaces": "0x"}), "invalid_member", "/replaces"),
        (json!({"recipient": shown(1), "owner": shown(1)}), "unknown_member", "/owner"),
    ] {
        let expected = (400, code.to_owned(), json!(pointer));
        assert_eq!(refusal(&api.put(&path, &body).await), expected, "{body}");
    }
    assert_eq!(api.get(&badge_path).await.json().get("mint"), None);

    let answer = api.put(&path, &json!({"recipient": shown(1)})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mint = &answer.json()["mint"];
    assert_eq!((&mint["state"], &mint["owner"]), (&json!("requested"), &json!(shown(1))));
    api.service.clock.advance(1_000);
    let again = api.put(&path, &json!({"recipient": owner(1)})).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, answer.json()));
    // nothing is sealed yet: a typing error is corrected
    let corrected = api.put(&path, &json!({"recipient": shown(2)})).await;
    assert_eq!(corrected.status, StatusCode::ACCEPTED);
    api.service.grow_mints_old();
    api.service.until_minted(&[badge]).await;
    let status = api.get(&badge_path).await.json();
    assert_eq!((&status["state"], &status["mint"]["owner"]), (&json!("final"), &json!(shown(2))));
    let minted = api.put(&path, &json!({"recipient": shown(2)})).await;
    assert_eq!(minted.status, StatusCode::OK);
    assert_eq!(minted.json()["mint"], status["mint"]);
    api.service.assert_kept().await;
}

async fn a_token_of_another_is_replaced_only_by_name(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = api.minted(&[1]).await[0];
    let path = format!("/v1/badges/{badge}/recipient");
    let old = api.service.token(badge).await;
    for body in
        [json!({"recipient": shown(2)}), json!({"recipient": shown(2), "replaces": shown(3)})]
    {
        let answer = api.put(&path, &body).await;
        let expected = (409, "minted_to_another".to_owned(), json!("/replaces"));
        assert_eq!(refusal(&answer), expected, "{body}");
        assert!(answer.text().contains(&shown(1)), "whom to name: {}", answer.text());
    }
    let body = json!({"recipient": shown(2), "replaces": shown(1)});
    let answer = api.put(&path, &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(api.put(&path, &body).await.status, StatusCode::OK, "asked for once");
    let proof = format!(
        "/v1/proofs/{}",
        api.get(&format!("/v1/badges/{badge}")).await.json()["proofToken"].as_str().unwrap()
    );
    assert_eq!(api.public("GET", &proof, "").await.json().get("token"), None, "neither stands");
    api.service.grow_mints_old();
    api.service.until_minted(&[badge]).await;
    api.service.blocks(8).await;
    let new = api.service.token(badge).await;
    let shown_token = api.public("GET", &proof, "").await.json()["token"].clone();
    assert_eq!(shown_token["id"], new.id().unwrap().to_string());
    assert!(!api.service.on_chain(&old).await.valid);
    let status = api.get(&format!("/v1/badges/{badge}")).await.json();
    assert_eq!(status.get("revocation"), None, "the badge is good");
    api.service.assert_kept().await;
}

async fn a_replaced_token_is_in_no_proof(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = api.minted(&[1]).await[0];
    let path = format!("/v1/badges/{badge}");
    let token = api.get(&path).await.json()["proofToken"].as_str().unwrap().to_owned();
    let proof = format!("/v1/proofs/{token}");
    assert!(api.public("GET", &proof, "").await.json()["token"].is_object());
    let body = json!({"recipient": shown(2), "replaces": shown(1)});
    assert_eq!(api.put(&format!("{path}/recipient"), &body).await.status, StatusCode::ACCEPTED);
    // the new request is withdrawn again, before the old token's revocation is on chain
    let body = json!({"reason": "privilege-withdrawn"});
    let answer = api.post(&format!("{path}/revoke"), &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(api.public("GET", &proof, "").await.json().get("token"), None);
}

async fn a_revoked_badge_gets_no_token(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = position(&api.accepted(&given_to(1, shown(1))).await);
    let path = format!("/v1/badges/{badge}");
    let revoked = api.post(&format!("{path}/revoke"), &json!({"reason": "superseded"})).await;
    assert_eq!(revoked.status, StatusCode::ACCEPTED);
    assert_eq!(api.get(&path).await.json().get("mint"), None, "the request is withdrawn");
    let answer = api.put(&format!("{path}/recipient"), &json!({"recipient": shown(1)})).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (409, "badge_revoked"));
}

async fn a_batch_that_is_being_sealed_lets_others_wait(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = position(&api.accepted(&given_to(1, shown(1))).await);
    let path = format!("/v1/badges/{badge}/recipient");
    let token = api.service.token(badge).await;
    let (from, end) = (token.position, token.position.plus(1));
    let now = Default::default();
    api.service.store.cut(token.stream.id, from, end, now).await.unwrap().unwrap();
    let body = json!({"recipient": shown(2), "replaces": shown(1)});
    let answer = api.put(&path, &body).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "being_sealed"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    api.service.work().await.unwrap();
    assert_eq!(api.put(&path, &body).await.status, StatusCode::ACCEPTED);
}

async fn who_may_ask_for_a_token(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let path = format!("/v1/badges/{}/recipient", position(&api.submit(1).await));
    let body = json!({"recipient": shown(1)});
    let (store, account) = (Arc::clone(&api.service.store), api.service.account);
    let stranger = store.add_account("other", Default::default()).await.unwrap().id;
    let stranger = api.new_key(stranger, "ingest,read", &[]).await;
    let other = "https://other.example/".parse().unwrap();
    let other = store.add_issuer(account, &other, &[], Control::Manual, Default::default()).await;
    let other = api.new_key(account, "ingest,read", &[other.unwrap().id]).await;
    let reader = api.new_key(account, "read", &[]).await;
    for (key, status, code) in
        [(&stranger, 404, "not_found"), (&other, 404, "not_found"), (&reader, 403, "scope_missing")]
    {
        let answer = api.call_as(key, "PUT", &path, body.to_string()).await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code));
    }
    assert_eq!(api.public("PUT", &path, body.to_string()).await.problem(), "key_missing");
    for unknown in ["999", "x"] {
        let answer = api.put(&format!("/v1/badges/{unknown}/recipient"), &body).await;
        assert_eq!(answer.problem(), "not_found");
    }
    let own = api.new_key(account, "ingest", &[api.service.issuer]).await;
    let answer = api.call_as(&own, "PUT", &path, body.to_string()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

async fn a_status_tells_how_far_the_token_is(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = position(&api.accepted(&given_to(1, shown(1))).await);
    let path = format!("/v1/badges/{badge}");
    let mint = async |api: &Api| api.get(&path).await.json()["mint"].clone();
    let requested = mint(&api).await;
    assert_eq!(
        requested,
        json!({
            "state": "requested",
            "requestedAt": "2026-03-01T09:30:00.000Z",
            "chainId": api.service.stream.chain_id,
            "contract": COLLECTIONS[0],
            "owner": shown(1),
        })
    );
    api.service.chain.set_collection_paused(COLLECTIONS[0], true);
    api.service.grow_mints_old();
    api.service.work().await.unwrap();
    let blocked = mint(&api).await;
    assert_eq!((&blocked["state"], &blocked["reason"]), (&json!("blocked"), &json!("paused")));
    let id = blocked["tokenId"].as_str().unwrap().to_owned();
    let batch = &blocked["batch"];
    assert!(batch.is_string() && blocked.get("anchor").is_none());
    api.service.until_final().await;
    assert_eq!(api.get(&path).await.json()["state"], "final", "the badge does not wait for it");
    api.service.chain.set_collection_paused(COLLECTIONS[0], false);
    let mut seen = Vec::new();
    for _ in 0..20 {
        api.service.work().await.unwrap();
        let now = mint(&api).await;
        assert_eq!((&now["tokenId"], &now["batch"]), (&json!(id), batch), "known before the mint");
        assert_eq!(
            now["anchor"].is_object(),
            now["state"] != "blocked" && now["state"] != "submitted"
        );
        let state = now["state"].as_str().unwrap().to_owned();
        if seen.last() != Some(&state) {
            seen.push(state);
        }
        if api.service.mint_state(badge).await == MintState::Minted {
            break;
        }
        api.service.block();
    }
    assert_eq!(seen.last().map(String::as_str), Some("minted"));
    assert!(
        seen.contains(&"submitted".to_owned()) && seen.contains(&"included".to_owned()),
        "{seen:?}"
    );
    assert_eq!(api.service.states().await, [BadgeState::Final]);
    let listed = api.get("/v1/badges").await.json();
    assert_eq!(listed["items"][0].get("mint"), None, "not in lists");
}

async fn a_status_tells_how_a_token_ended(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badges = api.minted(&[1, 2]).await;
    let mint = async |api: &Api, at: usize| {
        api.get(&format!("/v1/badges/{}", badges[at])).await.json()["mint"].clone()
    };
    let id = api.service.token(badges[0]).await.id().unwrap();
    api.service.chain.burn(COLLECTIONS[0], id).unwrap();
    let revoke = json!({"reason": "privilege-withdrawn"});
    let answer = api.post(&format!("/v1/badges/{}/revoke", badges[1]), &revoke).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(mint(&api, 0).await["state"], "minted", "nothing of it is final");
    api.service.until_tokens(&badges[..1], MintState::Burned).await;
    api.service.until_tokens(&badges[1..], MintState::Revoked).await;
    assert_eq!(mint(&api, 0).await["state"], "burned");
    let revoked = mint(&api, 1).await;
    assert_eq!(
        (&revoked["state"], &revoked["reason"]),
        (&json!("revoked"), &json!("privilege-withdrawn"))
    );
    let body = json!({ "badge": credential(0) }).to_string();
    let report = api.public("POST", "/v1/verify", body).await.json();
    assert_eq!(report["verdict"], "verified", "a burned token leaves its badge as good as before");
}
