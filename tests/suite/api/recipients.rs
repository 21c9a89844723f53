//! Who gets a badge's token, said at intake.

use std::sync::Arc;

use api::bulk_format::{BulkAnswer, BulkLine};
use axum::http::StatusCode;
use domain::{Control, NewCollection};
use proof::{Address, checksummed};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, CHECKSUMMED, ISSUER, given_to, position, refusal, shown, submission};
use super::forms::fixture;
use crate::support::{COLLECTIONS, over_both_databases, owner};

over_both_databases!(
    a_recipient_is_read_with_its_checksum,
    without_a_collection_nothing_is_stored,
    metadata_keep_their_limits,
    a_repeat_gives_the_same_promise,
    a_repeat_outlives_the_collections,
    lines_of_a_bulk_request_have_recipients,
    the_file_alone_has_its_recipient_in_the_query,
);

async fn stored(api: &Api) -> usize {
    api.get("/v1/badges").await.json()["items"].as_array().unwrap().len()
}

async fn a_recipient_is_read_with_its_checksum(store: Arc<dyn Store>) {
    let api = Api::minting(store).await;
    let zero = checksummed(&Address::default());
    for (recipient, why) in [
        (json!(CHECKSUMMED.replace("5aA", "5aa")), "EIP-55 checksum"),
        (json!(zero), "zero address"),
        (json!("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA"), "40 hexadecimal digits"),
        (json!(&CHECKSUMMED[2..]), "40 hexadecimal digits"),
        (json!("learner.eth"), "40 hexadecimal digits"),
        (json!(7), "string"),
        (Value::Null, "string"),
    ] {
        let answer = api.post("/v1/badges", &given_to(1, recipient.clone())).await;
        let expected = (400, "invalid_member".to_owned(), json!("/recipient"));
        assert_eq!(refusal(&answer), expected, "{recipient}");
        assert!(answer.text().contains(why), "{recipient}: {}", answer.text());
    }
    assert_eq!(stored(&api).await, 0);
    let upper = format!("0x{}", CHECKSUMMED[2..].to_uppercase());
    for (number, text) in (1..).zip([CHECKSUMMED.to_owned(), CHECKSUMMED.to_lowercase(), upper]) {
        let answer = api.post("/v1/badges", &given_to(number, text)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        let path = format!("/v1/badges/{}", answer.json()["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await.json()["mint"]["owner"], CHECKSUMMED);
    }
}

async fn without_a_collection_nothing_is_stored(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let expected = (422, "no_collection".to_owned(), json!("/recipient"));
    let wanted = given_to(1, shown(1));
    assert_eq!(refusal(&api.post("/v1/badges", &wanted).await), expected);
    let text = format!("{wanted}\n{}\n", submission(2));
    let bulk = api.call("POST", "/v1/badges/bulk", text).await;
    let lines = BulkAnswer::parse(bulk.text()).unwrap().lines;
    let BulkLine::Refused(problem) = &lines[0] else { panic!("line 1 has a recipient") };
    assert_eq!(
        (problem.code.as_str(), problem.pointer.as_deref()),
        ("no_collection", Some("/recipient"))
    );
    assert_eq!((stored(&api).await, lines.len()), (1, 2));
    let path = format!("/v1/badges/{}/recipient", position(&api.submit(3).await));
    assert_eq!(refusal(&api.put(&path, &json!({"recipient": shown(1)})).await), expected);

    // another issuer's own
    let other = "https://other.example/".parse().unwrap();
    let (account, now) = (api.service.account, Default::default());
    let other = api.service.store.add_issuer(account, &other, &[], Control::Manual, now).await;
    let stream = api.service.stream.clone();
    let collection = NewCollection {
        chain_id: stream.chain_id,
        registry: stream.registry,
        contract: COLLECTIONS[1],
        issuer: Some(other.unwrap().id),
        from_block: 0,
        code_hash: chain::simulated::SimulatedChain::collection_code_hash(),
        service: stream.service,
        promise_ms: stream.promise_ms,
    };
    api.service.store.add_collection(&collection, now).await.unwrap();
    api.service.clock.advance(1_001);
    assert_eq!(refusal(&api.post("/v1/badges", &wanted).await), expected);

    api.service.open_collection(COLLECTIONS[0]).await;
    api.service.clock.advance(1_001);
    assert_eq!(api.post("/v1/badges", &wanted).await.status, StatusCode::ACCEPTED);
    let answer = api.put(&path, &json!({"recipient": shown(1)})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["mint"]["contract"], json!(COLLECTIONS[0]));
}

async fn metadata_keep_their_limits(store: Arc<dyn Store>) {
    let api = Api::minting(store).await;
    let with = |metadata: &Value| {
        let mut submission = given_to(1, shown(1));
        submission["metadata"] = metadata.clone();
        submission
    };
    let attribute = json!({"name": "학점", "value": "24"});
    for (metadata, pointer) in [
        (json!({}), "/metadata"),
        (json!({"name": "x", "colour": "red"}), "/metadata"),
        (json!({"name": "x", "level": "platinum"}), "/metadata"),
        (json!({"name": ""}), "/metadata/name"),
        (json!({"name": "가".repeat(201)}), "/metadata/name"),
        (json!({"name": "x", "description": "가".repeat(2_001)}), "/metadata/description"),
        (json!({"name": "x", "image": "http://hanbit.example/a.png"}), "/metadata/image"),
        (json!({"name": "x", "url": "javascript:alert(1)"}), "/metadata/url"),
        (json!({"name": "x", "attributes": vec![attribute.clone(); 17]}), "/metadata/attributes"),
        (
            json!({"name": "x", "attributes": [attribute, {"name": "a", "value": ""}]}),
            "/metadata/attributes/1/value",
        ),
    ] {
        let answer = api.post("/v1/badges", &with(&metadata)).await;
        let expected = (400, "invalid_member".to_owned(), json!(pointer));
        assert_eq!(refusal(&answer), expected, "{metadata}");
    }
    assert_eq!(stored(&api).await, 0);
    let most = json!({
        "name": "가".repeat(200),
        "description": "가".repeat(2_000),
        "image": format!("data:image/png;base64,{}", "A".repeat(32 * 1024 - 22)),
        "url": "https://hanbit.example/programmes",
        "level": "gold",
        "attributes": vec![attribute; 16],
    });
    let answer = api.post("/v1/badges", &with(&most)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
}

async fn a_repeat_gives_the_same_promise(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let mut wanted = given_to(1, shown(1));
    wanted["metadata"] = json!({"name": "반도체 입문"});
    let first = api.accepted(&wanted).await;
    api.service.clock.advance(1_000);
    let mut lower = wanted.clone();
    lower["recipient"] = json!(owner(1));
    for same in [&wanted, &lower] {
        let again = api.post("/v1/badges", same).await;
        assert_eq!((again.status, again.json()), (StatusCode::OK, first.clone()));
    }
    for (member, value) in
        [("recipient", json!(shown(2))), ("metadata", json!({"name": "반도체 심화"}))]
    {
        for value in [Some(value), None] {
            let mut other = wanted.clone();
            match value {
                Some(value) => other[member] = value,
                None => drop(other.as_object_mut().unwrap().remove(member)),
            }
            let answer = api.post("/v1/badges", &other).await;
            assert_eq!(
                (answer.status.as_u16(), answer.problem().as_str()),
                (409, "already_accepted_differently"),
                "{other}"
            );
        }
    }
    // what was asked for later changes no promise
    let later = api.submit(2).await;
    let path = format!("/v1/badges/{}/recipient", position(&later));
    assert_eq!(api.put(&path, &json!({"recipient": shown(3)})).await.status, 202);
    let again = api.post("/v1/badges", &submission(2)).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, later));
    assert_eq!(stored(&api).await, 2);
}

async fn a_repeat_outlives_the_collections(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let wanted = given_to(1, shown(1));
    let first = api.accepted(&wanted).await;
    // the process goes on with another registry, where no collection is open
    api.move_to_another_registry().await;
    let again = api.post("/v1/badges", &wanted).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first));
    let other = api.post("/v1/badges", &given_to(1, shown(2))).await;
    assert_eq!(other.problem(), "already_accepted_differently");
    assert_eq!(api.post("/v1/badges", &given_to(2, shown(1))).await.problem(), "no_collection");
}

async fn lines_of_a_bulk_request_have_recipients(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let mistyped = CHECKSUMMED.replace("5aA", "5aa");
    let rows = [
        json!({"header": {"issuer": ISSUER}}),
        given_to(1, shown(2)),
        submission(2),
        given_to(3, mistyped),
        given_to(4, shown(1)),
    ];
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let answer = api.call("POST", "/v1/badges/bulk", text.clone()).await;
    let parsed = BulkAnswer::parse(answer.text()).unwrap();
    assert_eq!(parsed.receipts().filter(Result::is_ok).count(), 3);
    let BulkLine::Refused(problem) = &parsed.lines[2] else { panic!("line 4 is mistyped") };
    assert_eq!(
        (problem.code.as_str(), problem.pointer.as_deref(), problem.line),
        ("invalid_member", Some("/recipient"), Some(4))
    );
    let again = api.call("POST", "/v1/badges/bulk", text).await;
    let promises = |answer: &BulkAnswer| {
        answer.receipts().filter_map(Result::ok).map(|one| one.promise).collect::<Vec<_>>()
    };
    assert_eq!(promises(&parsed), promises(&BulkAnswer::parse(again.text()).unwrap()));

    let listed = api.get("/v1/badges").await.json();
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(position).collect();
    api.service.accepted.extend(&ids);
    api.service.grow_mints_old();
    api.service.until_minted(&[ids[0], ids[2]]).await;
    assert!(api.service.store.tokens(ids[1]).await.unwrap().is_empty());
    api.service.until_final().await;
    api.service.assert_kept().await;
}

async fn the_file_alone_has_its_recipient_in_the_query(store: Arc<dyn Store>) {
    let api = Api::minting(store).await;
    let file = fixture("ob3-baked-png/simple-json.png");
    let raw = async |recipient: &str| {
        let path = format!("/v1/badges/raw?issuer={ISSUER}&recipient={recipient}");
        api.call("POST", &path, file.clone()).await
    };
    let misspelt = raw("learner.eth").await;
    assert_eq!(
        (misspelt.status, misspelt.problem()),
        (StatusCode::BAD_REQUEST, "invalid_parameter".to_owned())
    );
    assert!(misspelt.text().contains("recipient"), "{}", misspelt.text());
    assert_eq!(stored(&api).await, 0);
    let answer = raw(CHECKSUMMED).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let path = format!("/v1/badges/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await.json()["mint"]["owner"], CHECKSUMMED);
    assert_eq!(raw(CHECKSUMMED).await.status, StatusCode::OK);
    assert_eq!(raw(&shown(1)).await.problem(), "already_accepted_differently");
}
