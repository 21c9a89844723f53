//! What is submitted again, without a name: known by its content.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::bulk_format::BulkAnswer;
use axum::http::StatusCode;
use domain::{Clock as _, Control};
use futures::future::join_all;
use proof::{Hash, Receipt, verify_receipt};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, ISSUER, credential, request, submission};
use crate::support::over_both_databases;

over_both_databases!(
    the_same_submission_twice_is_the_same_promise_to_the_byte,
    any_other_option_is_a_conflict_and_changes_nothing,
    one_digest_from_two_issuers_is_two_receipts_and_two_leaves,
    many_at_once_on_two_replicas_are_one_badge,
    a_killed_process_repeats_its_promise,
);

/// The promises of a bulk answer, as texts.
fn promises(text: &str) -> Vec<String> {
    let answer = BulkAnswer::parse(text).unwrap();
    let receipts = answer.receipts().map(Result::unwrap);
    receipts.map(|one| serde_json::to_value(&one.promise).unwrap().to_string()).collect()
}

async fn the_same_submission_twice_is_the_same_promise_to_the_byte(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let digest = json!({"digest": "ab".repeat(32), "rule": "opaque", "issuer": ISSUER});
    for body in [submission(1), digest] {
        let first = api.post("/v1/badges", &body).await;
        assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
        api.service.clock.advance(12_345);
        for _ in 0..2 {
            let again = api.post("/v1/badges", &body).await;
            assert_eq!((again.status, again.text()), (StatusCode::OK, first.text()));
        }
        // another spelling of the same JSON is the same badge
        let spaced = api.call("POST", "/v1/badges", format!("{body:#}")).await;
        assert_eq!((spaced.status, spaced.text()), (StatusCode::OK, first.text()));
    }
    let file = credential(2).to_string();
    let first = api.call("POST", "/v1/badges/raw", file.clone()).await;
    let again = api.call("POST", "/v1/badges/raw", file).await;
    assert_eq!((again.status, again.text()), (StatusCode::OK, first.text()));
    let bulk = format!("{}\n{}\n", submission(1), submission(3));
    let first = api.call("POST", "/v1/badges/bulk", bulk.clone()).await;
    let again = api.call("POST", "/v1/badges/bulk", bulk).await;
    assert_eq!(promises(first.text()), promises(again.text()));
    assert_eq!(api.service.store.counts().await.unwrap().positions, 4);
}

async fn any_other_option_is_a_conflict_and_changes_nothing(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let first = api.post("/v1/badges", &submission(1)).await;
    for (member, value) in [
        ("externalId", json!("other")),
        ("windowStartedAt", json!("2026-03-01T09:00:00Z")),
        ("publicLookup", json!(false)),
        ("metadata", json!({"name": "Course"})),
    ] {
        let mut other = submission(1);
        other[member] = value;
        let answer = api.post("/v1/badges", &other).await;
        let told = (answer.status.as_u16(), answer.problem());
        assert_eq!(told, (409, "already_accepted_differently".to_owned()), "{member}");
        let mut without = submission(1);
        without.as_object_mut().unwrap().remove("externalId");
        assert_eq!(api.post("/v1/badges", &without).await.status, StatusCode::CONFLICT);
    }
    let again = api.post("/v1/badges", &submission(1)).await;
    assert_eq!((again.status, again.text()), (StatusCode::OK, first.text()));
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1);
}

async fn one_digest_from_two_issuers_is_two_receipts_and_two_leaves(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let identifier: proof::IssuerIdentifier = "did:web:design.example".parse().unwrap();
    let (account, now) = (api.service.account, api.service.clock.now());
    let store = Arc::clone(&api.service.store);
    store.add_issuer(account, &identifier, &[], Control::Manual, now).await.unwrap();
    let mut answers = Vec::new();
    for issuer in [ISSUER, identifier.as_str()] {
        let body = json!({"credential": credential(1), "issuer": issuer});
        answers.push(api.accepted(&body).await);
    }
    let receipt = |answer: &Value| -> Receipt {
        let receipt = Receipt::parse(answer["receipt"].to_string().as_bytes()).unwrap();
        verify_receipt(&receipt, &api.receipt_key).unwrap();
        receipt
    };
    let [one, other] = [receipt(&answers[0]).promise, receipt(&answers[1]).promise];
    assert_eq!((one.rule, one.digest), (other.rule, other.digest));
    assert_ne!(one.salt, other.salt);
    assert_ne!(one.leaf, other.leaf);
    assert_ne!(answers[0]["id"], answers[1]["id"]);
    assert_ne!(answers[0]["proofToken"], answers[1]["proofToken"]);
    api.service.grow_old();
    api.service.until_final().await;
    let mut leaves: BTreeSet<Hash> = BTreeSet::new();
    for position in api.service.accepted.clone() {
        leaves.insert(api.service.inclusion(position).await.0);
    }
    assert_eq!(leaves, BTreeSet::from([one.leaf, other.leaf]), "both are in the tree");
    api.service.assert_kept().await;
}

async fn many_at_once_on_two_replicas_are_one_badge(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replicas = [api.replica(), api.replica()];
    let bodies = [submission(1), submission(2)].map(|body| body.to_string());
    let single = |number: usize| {
        let (replica, body) = (&replicas[number % 2], bodies[number / 2 % 2].clone());
        replica.send(request(&api.key, "POST", "/v1/badges", body))
    };
    let bulk = |number: usize| {
        let both = format!("{}\n{}\n", bodies[number % 2], bodies[(number + 1) % 2]);
        replicas[number % 2].send(request(&api.key, "POST", "/v1/badges/bulk", both))
    };
    let (singles, bulks) =
        futures::future::join(join_all((0..24).map(single)), join_all((0..6).map(bulk))).await;
    let mut receipts = BTreeSet::new();
    let mut new = 0;
    for answer in singles {
        new += u32::from(answer.status == StatusCode::ACCEPTED);
        assert!(answer.status.is_success(), "{}", answer.text());
        receipts.insert(answer.json()["receipt"]["promise"].to_string());
    }
    for answer in bulks {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        receipts.extend(promises(answer.text()));
    }
    assert_eq!(receipts.len(), 2, "one promise a badge: {receipts:#?}");
    assert!(new <= 2);
    let counts = api.service.store.counts().await.unwrap();
    assert_eq!((counts.badges, counts.positions), (2, 2));
}

async fn a_killed_process_repeats_its_promise(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    // stored, and not answered: all that a crash between commit and answer leaves
    let body = submission(1);
    let lost = api.post("/v1/badges", &body).await;
    api.service.clock.advance(60_000);
    let started_again = api.replica();
    let post = request(&api.key, "POST", "/v1/badges", body.to_string());
    let answer = started_again.send(post).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, lost.text()));
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1);
}
