//! `POST /v1/verify`: the chain is the witness, the trust file the judge.

use std::sync::Arc;

use serde_json::{Value, json};
use store::Store;

use super::client::{Api, credential};
use crate::support::over_both_databases;

over_both_databases!(
    a_final_badge_is_verified_with_and_without_its_proof,
    an_altered_badge_or_proof_is_not_verified,
    an_unknown_registry_is_never_called,
    without_a_chain_nothing_is_verified,
    whose_the_badge_is_can_be_asked,
);

async fn verify(api: &Api, body: Value) -> Value {
    let answer = api.public("POST", "/v1/verify", body.to_string()).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

async fn proof(api: &Api, answer: &Value) -> Value {
    let token = answer["proofToken"].as_str().unwrap();
    api.public("GET", &format!("/v1/proofs/{token}"), "").await.json()
}

async fn a_final_badge_is_verified_with_and_without_its_proof(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answer = api.submit(0).await;
    let pending =
        verify(&api, json!({"badge": credential(0), "proof": proof(&api, &answer).await})).await;
    assert_eq!(pending["verdict"], "provisional", "{pending}");
    api.service.grow_old();
    api.service.until_final().await;
    let proof = proof(&api, &answer).await;
    let with = verify(&api, json!({"badge": credential(0), "proof": proof})).await;
    assert_eq!(with["verdict"], "verified", "{with}");
    assert_eq!(with["times"]["promise"]["kept"], true);
    let without = verify(&api, json!({"badge": credential(0)})).await;
    assert_eq!(without["verdict"], "verified", "{without}");
    // without the badge nobody knows whose it is
    let alone = verify(&api, json!({ "proof": proof })).await;
    assert_eq!(alone["verdict"], "could-not-be-checked", "{alone}");
}

async fn an_altered_badge_or_proof_is_not_verified(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(2).await;
    let proof = proof(&api, &answers[0]).await;
    let report = verify(&api, json!({"badge": credential(1), "proof": proof})).await;
    assert_eq!(report["verdict"], "not-verified");
    let mut moved = proof.clone();
    moved["inclusion"]["index"] = json!(1);
    let report = verify(&api, json!({"badge": credential(0), "proof": moved})).await;
    assert_ne!(report["verdict"], "verified");
}

async fn an_unknown_registry_is_never_called(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(1).await;
    let mut proof = proof(&api, &answers[0]).await;
    proof["anchors"][0]["registry"] = json!(format!("0x{}", "77".repeat(20)));
    let report = verify(&api, json!({"badge": credential(0), "proof": proof})).await;
    assert_eq!(report["verdict"], "could-not-be-checked", "{report}");
    assert_eq!(report["anchors"][0]["status"], "unknown-service");
}

async fn without_a_chain_nothing_is_verified(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    api.finished(1).await;
    api.service.chain.remove_code(true);
    let report = verify(&api, json!({"badge": credential(0)})).await;
    assert_ne!(report["verdict"], "verified", "{report}");
}

async fn whose_the_badge_is_can_be_asked(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let mut badge = credential(0);
    badge["credentialSubject"]["email"] = json!("seoyeon@hanbit.example");
    let answer = api.post("/v1/badges", &json!({ "credential": badge })).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text());
    api.service.accepted.push(answer.json()["id"].as_str().unwrap().parse().unwrap());
    api.service.grow_old();
    api.service.until_final().await;
    for (recipient, verdict, outcome) in [
        (json!("Seoyeon@hanbit.example"), "verified", "passed"),
        (json!("minjun@hanbit.example"), "not-verified", "failed"),
        (json!("did:example:1"), "could-not-be-checked", "not-checked"),
    ] {
        let report = verify(&api, json!({"badge": badge, "recipient": recipient})).await;
        assert_eq!(report["verdict"], verdict, "{report}");
        let check = report["checks"].as_array().unwrap().last().unwrap();
        assert_eq!((&check["name"], &check["outcome"]), (&json!("recipient"), &json!(outcome)));
        assert!(!report.to_string().contains("hanbit.example\""), "{report}");
    }
    for wrong in [json!(7), json!(null), json!(""), json!(" "), json!("a".repeat(2049))] {
        let body = json!({"badge": badge, "recipient": wrong}).to_string();
        let answer = api.public("POST", "/v1/verify", body).await;
        assert_eq!(answer.status.as_u16(), 400, "{}", answer.text());
        assert_eq!(answer.json()["pointer"], "/recipient", "{}", answer.text());
    }
}
