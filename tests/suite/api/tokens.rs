//! What wallets, marketplaces and auditors read of tokens.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chain::simulated::SimulatedChain;
use domain::{MintState, NewCollection, Position};
use proof::{Address, ProofDocument, checksummed};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, ISSUER, credential, position, submission};
use crate::support::{COLLECTIONS, over_both_databases, owner};

over_both_databases!(
    metadata_follow_a_token_through_its_life,
    metadata_of_an_erased_badge_are_generic,
    web_pages_and_caches_may_read_tokens,
    what_is_no_token_is_unknown,
    a_collection_describes_itself,
    an_owner_sees_what_is_on_chain,
    owners_are_listed_by_pages,
    a_proof_carries_the_token,
    auditors_see_mint_batches,
    the_description_names_all_calls,
);

const METADATA: &str = r#"{"name": "반도체 심화과정", "description": "24학점",
    "url": "https://hanbit.example/advanced", "level": "gold",
    "image": "https://hanbit.example/advanced.png"}"#;

/// A new badge that asks for a token with public metadata.
async fn wanted(api: &mut Api, number: u32, of: u8) -> Position {
    let mut submission = submission(number);
    submission["recipient"] = json!(owner(of));
    submission["metadata"] = serde_json::from_str(METADATA).unwrap();
    position(&api.accepted(&submission).await)
}

/// Where `tokenURI` leads.
async fn uri(api: &Api, badge: Position) -> String {
    let id = api.service.token(badge).await.id().unwrap();
    format!("/v1/tokens/{}/{}/{id}", api.service.stream.chain_id, COLLECTIONS[0])
}

async fn read(api: &Api, path: &str) -> Value {
    let answer = api.public("GET", path, "").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn attribute<'d>(document: &'d Value, name: &str) -> &'d Value {
    let attributes = document["attributes"].as_array().unwrap();
    attributes
        .iter()
        .find(|one| one["trait_type"] == name)
        .map_or(&Value::Null, |one| &one["value"])
}

async fn metadata_follow_a_token_through_its_life(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badges = [wanted(&mut api, 1, 1).await, wanted(&mut api, 2, 2).await];
    api.service.grow_mints_old();
    api.service.work().await.unwrap();
    let path = uri(&api, badges[0]).await;
    let pending = read(&api, &path).await;
    assert_eq!(attribute(&pending, "State"), "pending");
    assert_eq!(attribute(&pending, "Minted"), &Value::Null);

    api.service.until_minted(&badges).await;
    let valid = read(&api, &path).await;
    assert_eq!(valid["name"], "반도체 심화과정");
    assert_eq!(valid["external_url"], "https://hanbit.example/advanced");
    assert_eq!(valid["image"], "https://hanbit.example/advanced.png");
    assert_eq!(attribute(&valid, "Issuer"), "hanbit.example");
    assert_eq!(attribute(&valid, "Level"), "gold");
    assert_eq!(attribute(&valid, "State"), "valid");
    let minted = api.service.mint_batch(badges[0]).await.inclusion().unwrap().block_time;
    assert_eq!(attribute(&valid, "Minted"), minted.millis() / 1000);

    let revoke = json!({"reason": "superseded"});
    api.post(&format!("/v1/badges/{}/revoke", badges[0]), &revoke).await;
    let second = api.service.token(badges[1]).await.id().unwrap();
    api.service.chain.burn(COLLECTIONS[0], second).unwrap();
    assert_eq!(read(&api, &path).await, valid, "nothing of it is final");
    api.service.until_tokens(&badges[..1], MintState::Revoked).await;
    api.service.until_tokens(&badges[1..], MintState::Burned).await;
    let revoked = read(&api, &path).await;
    assert_eq!(revoked["name"], "[Revoked] 반도체 심화과정");
    assert_eq!(attribute(&revoked, "Reason"), "superseded");
    let burned = read(&api, &uri(&api, badges[1]).await).await;
    assert_eq!(burned["name"], "[Burned] 반도체 심화과정");
    for document in [revoked, burned] {
        let image = document["image"].as_str().unwrap();
        assert!(image.starts_with("data:image/svg+xml;base64,"), "not the issuer's: {image}");
    }
}

async fn metadata_of_an_erased_badge_are_generic(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badges = [wanted(&mut api, 1, 1).await, wanted(&mut api, 2, 2).await];
    api.service.grow_mints_old();
    api.service.work().await.unwrap();
    let paths = [uri(&api, badges[0]).await, uri(&api, badges[1]).await];
    let erase = async |api: &mut Api, badge: Position| {
        let answer = api.call("DELETE", &format!("/v1/badges/{badge}"), "").await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        api.service.accepted.retain(|kept| *kept != badge);
    };
    // one before its mint, one after
    erase(&mut api, badges[0]).await;
    api.service.until_minted(&badges[1..]).await;
    erase(&mut api, badges[1]).await;
    for path in &paths {
        let answer = api.public("GET", path, "").await;
        let document = answer.json();
        assert_eq!(document["name"], "Digital badge");
        assert_eq!(attribute(&document, "State"), "valid");
        assert_eq!(document.get("external_url"), None);
        for gone in ["반도체", "24학점", "hanbit", "gold"] {
            assert!(!answer.text().contains(gone), "{gone} in {}", answer.text());
        }
    }
    for of in [1, 2] {
        let list = read(&api, &format!("/v1/owners/{}/tokens", owner(of))).await;
        assert_eq!(list["items"], json!([]));
    }
    api.service.assert_kept().await;
}

async fn web_pages_and_caches_may_read_tokens(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = api.minted(&[1]).await[0];
    let path = uri(&api, badge).await;
    let collection = format!("{}/contract", path.rsplit_once('/').unwrap().0);
    for path in [&path, &collection] {
        let answer = api.public("GET", path, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let tag = answer.header("etag").unwrap();
        let request = Request::get(path).header(header::IF_NONE_MATCH, tag);
        let unchanged = api.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((unchanged.status, unchanged.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(unchanged.header("access-control-allow-origin"), Some("*"));
    }
    let before = api.public("GET", &path, "").await;
    let revoke = json!({"reason": "superseded"});
    api.post(&format!("/v1/badges/{badge}/revoke"), &revoke).await;
    api.service.until_tokens(&[badge], MintState::Revoked).await;
    let request = Request::get(&path).header(header::IF_NONE_MATCH, before.header("etag").unwrap());
    let changed = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.body, before.body);
}

async fn what_is_no_token_is_unknown(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = api.minted(&[1]).await[0];
    let path = uri(&api, badge).await;
    let (folder, id) = path.rsplit_once('/').unwrap();
    let (chain, contract) = (api.service.stream.chain_id, COLLECTIONS[0]);
    let next: String = match id.strip_suffix('9') {
        Some(rest) => format!("{rest}8"),
        None => format!("{}9", &id[..id.len() - 1]),
    };
    for unknown in [
        format!("{folder}/{next}"),
        format!("{folder}/0{id}"),
        format!("{folder}/0x1"),
        format!("{folder}/-1"),
        format!("{folder}/{id}.json"),
        format!("/v1/tokens/{}/{contract}/{id}", chain + 1),
        format!("/v1/tokens/{}/{contract}/contract", chain + 1),
        format!("/v1/tokens/{chain}/{}/{id}", COLLECTIONS[1]),
        format!("/v1/tokens/{chain}/{}/contract", COLLECTIONS[1]),
        format!("/v1/tokens/{chain}/{}/{id}", api.service.stream.registry),
        format!("/v1/tokens/x/{contract}/{id}"),
        format!("/v1/tokens/{chain}/0x/{id}"),
    ] {
        let answer = api.public("GET", &unknown, "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem().as_str()),
            (404, "not_found"),
            "{unknown}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    // wallets write addresses with their checksum
    let cased = path.replace(&contract.to_string(), &checksummed(&contract));
    assert_eq!(read(&api, &cased).await, read(&api, &path).await);
}

async fn a_collection_describes_itself(store: Arc<dyn Store>) {
    let api = Api::minting(store).await;
    let stream = &api.service.stream;
    let document = async |contract: Address| {
        read(&api, &format!("/v1/tokens/{}/{contract}/contract", stream.chain_id)).await
    };
    let operators = document(COLLECTIONS[0]).await;
    assert_eq!(operators["name"], "Badges of several issuers");
    assert_eq!(operators["external_link"], "http://127.0.0.1:8080");
    assert!(operators["image"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
    for contract in [COLLECTIONS[1], Address([0xc3; 20])] {
        let collection = NewCollection {
            chain_id: stream.chain_id,
            registry: stream.registry,
            contract,
            issuer: Some(api.service.issuer),
            from_block: 0,
            code_hash: SimulatedChain::collection_code_hash(),
            service: stream.service.clone(),
            promise_ms: stream.promise_ms,
        };
        api.service.store.add_collection(&collection, Default::default()).await.unwrap();
    }
    api.service.clock.advance(1_001);
    assert_eq!(document(COLLECTIONS[1]).await["name"], "Badges of hanbit.example");
    let second = document(Address([0xc3; 20])).await;
    assert_eq!(second["name"], "Badges of hanbit.example, volume 2");
}

async fn an_owner_sees_what_is_on_chain(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let path = format!("/v1/owners/{}/tokens", checksummed(&owner(0xab)));
    let mistyped = path.replace(&checksummed(&owner(0xab))[2..6], "aBab");
    let wrong = api.public("GET", &mistyped, "").await;
    assert_eq!((wrong.status.as_u16(), wrong.problem().as_str()), (400, "invalid_parameter"));
    for wrong in ["0x1", &checksummed(&Address::default()), "learner.eth"] {
        let answer = api.public("GET", &format!("/v1/owners/{wrong}/tokens"), "").await;
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (400, "invalid_parameter"));
    }
    let badge = wanted(&mut api, 1, 0xab).await;
    assert_eq!(read(&api, &path).await, json!({"items": []}), "asked for is not on chain");
    api.service.grow_mints_old();
    api.service.work().await.unwrap();
    assert_eq!(api.service.mint_state(badge).await, MintState::Submitted);
    assert_eq!(read(&api, &path).await["items"], json!([]));
    api.service.until_minted(&[badge]).await;
    let answer = api.public("GET", &path, "").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let token = uri(&api, badge).await;
    let item = answer.json()["items"][0].clone();
    assert_eq!(
        item,
        json!({
            "chainId": api.service.stream.chain_id,
            "contract": COLLECTIONS[0],
            "id": token.rsplit_once('/').unwrap().1,
            "state": "minted",
            "metadataUrl": format!("http://127.0.0.1:8080{token}"),
        })
    );
    let lower = read(&api, &path.to_lowercase()).await;
    assert_eq!(lower, answer.json());
    let id = api.service.token(badge).await.id().unwrap();
    api.service.chain.burn(COLLECTIONS[0], id).unwrap();
    api.service.until_tokens(&[badge], MintState::Burned).await;
    assert_eq!(read(&api, &path).await["items"], json!([]));
}

async fn owners_are_listed_by_pages(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badges = api.minted(&[1, 2, 1, 1, 1]).await;
    let mut path = format!("/v1/owners/{}/tokens?limit=2", owner(1));
    let mut seen = Vec::new();
    for expected in [2, 2] {
        let page = read(&api, &path).await;
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), expected);
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let next = page.get("next").map(|next| next.as_str().unwrap());
        assert_eq!(next.is_none(), seen.len() == 4, "absent on the last");
        path =
            format!("/v1/owners/{}/tokens?limit=2&cursor={}", owner(1), next.unwrap_or_default());
    }
    let mut wanted = Vec::new();
    for at in [0, 2, 3, 4] {
        wanted.push(api.service.token(badges[at]).await.id().unwrap().to_string());
    }
    assert_eq!(seen, wanted, "each once");
    for wrong in ["limit=0", "limit=1001", "cursor=x", "state=minted"] {
        let answer =
            api.public("GET", &format!("/v1/owners/{}/tokens?{wrong}", owner(1)), "").await;
        assert_eq!(answer.problem(), "invalid_parameter", "{wrong}");
    }
}

async fn a_proof_carries_the_token(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badges = api.minted(&[2, 1, 3]).await;
    let plain = position(&api.submit(7).await);
    api.service.grow_old();
    api.service.until_final().await;
    let document = async |api: &Api, badge: Position| {
        let token = api.get(&format!("/v1/badges/{badge}")).await.json()["proofToken"].clone();
        let path = format!("/v1/proofs/{}", token.as_str().unwrap());
        ProofDocument::parse(&api.public("GET", &path, "").await.body).unwrap()
    };
    assert!(document(&api, plain).await.token.is_none());
    let proof = document(&api, badges[0]).await;
    let token = proof.token.as_ref().unwrap();
    let stored = api.service.token(badges[0]).await;
    assert_eq!((token.contract, token.owner), (COLLECTIONS[0], Some(owner(2))));
    assert_eq!((Some(token.id), token.inclusion.index), (stored.id(), 1), "leaves by owner");
    let batch = stored.batch.unwrap();
    let seal = batch.seal().unwrap();
    assert_eq!(proof.computed_token().unwrap().unwrap().commitment, seal.commitment);
    assert_ne!(proof.computed().unwrap().commitment, seal.commitment, "anchored apart from it");

    let sent: Value = serde_json::from_str(&proof.to_json()).unwrap();
    let request = json!({ "badge": credential(0), "proof": sent });
    let report = api.public("POST", "/v1/verify", request.to_string()).await.json();
    assert_eq!(
        (&report["verdict"], &report["token"]["status"]),
        (&json!("verified"), &json!("held"))
    );
    let lookup = json!({ "badge": credential(0) }).to_string();
    let found = api.public("POST", "/v1/proofs/lookup", lookup).await.json();
    assert_eq!(found["proofs"][0]["token"]["id"], token.id.to_string());
}

async fn auditors_see_mint_batches(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badges = api.minted(&[1, 2]).await;
    api.service.until_final().await;
    let answer = api.public("GET", "/v1/batches", "").await;
    for hidden in [ISSUER.to_owned(), owner(1).to_string(), checksummed(&owner(1))] {
        assert!(!answer.text().contains(&hidden), "{hidden}");
    }
    let list = answer.json();
    let items = list["items"].as_array().unwrap();
    let (mints, anchors): (Vec<_>, Vec<_>) =
        items.iter().partition(|item| item.get("collection").is_some());
    assert_eq!((mints.len(), anchors.len()), (1, 1));
    let batch = api.service.mint_batch(badges[0]).await;
    let seal = batch.seal().unwrap();
    assert_eq!(mints[0]["collection"], json!(COLLECTIONS[0]));
    assert_eq!(mints[0]["commitment"], seal.commitment.to_string());
    assert_eq!((&mints[0]["size"], &mints[0]["state"]), (&json!(2), &json!("final")));
    let path = format!("/v1/batches/{}", seal.commitment);
    assert_eq!(&read(&api, &path).await, mints[0]);
    let tile = api.public("GET", &format!("{path}/tiles/0/0"), "").await;
    assert_eq!(tile.body.len(), 64);
}

async fn the_description_names_all_calls(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let description = read(&api, "/openapi.json").await;
    let paths = &description["paths"];
    for (path, method) in [
        ("/v1/badges/{id}/recipient", "put"),
        ("/v1/tokens/{chainId}/{contract}/{id}", "get"),
        ("/v1/tokens/{chainId}/{contract}/contract", "get"),
        ("/v1/owners/{address}/tokens", "get"),
    ] {
        assert!(paths[path][method]["operationId"].is_string(), "{method} {path}");
    }
    let schemas = &description["components"]["schemas"];
    for (schema, member) in [
        ("Submission", "recipient"),
        ("Submission", "metadata"),
        ("RecipientRequest", "replaces"),
        ("BadgeStatus", "mint"),
        ("BatchView", "collection"),
        ("MintStatus", "tokenId"),
    ] {
        assert!(schemas[schema]["properties"][member].is_object(), "{schema}.{member}");
    }
    let value = &schemas["TokenAttribute"]["properties"]["value"]["oneOf"];
    assert_eq!(*value, json!([{"type": "string"}, {"type": "integer"}]));
    let intake = paths["/v1/badges"]["post"]["responses"]["422"]["description"].as_str();
    assert!(intake.unwrap().contains("no_collection"));
}
