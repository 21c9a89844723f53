//! Many badges in one request.

use std::sync::Arc;

use api::bulk_format::{BulkAnswer, BulkLine};
use axum::http::StatusCode;
use proof::verify_receipt;
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, ISSUER, credential, submission};
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    every_line_gets_its_receipt,
    a_bad_line_spoils_only_itself,
    a_repeat_gives_identical_promises,
    too_many_lines_store_nothing,
);

fn lines(submissions: impl IntoIterator<Item = Value>) -> String {
    submissions.into_iter().map(|one| format!("{one}\n")).collect()
}

async fn send(api: &Api, body: String) -> BulkAnswer {
    let answer = api.call("POST", "/v1/badges/bulk", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    BulkAnswer::parse(answer.text()).unwrap()
}

async fn every_line_gets_its_receipt(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let answer = send(&api, lines((0..600).map(submission))).await;
    let receipts: Vec<_> = answer.receipts().map(Result::unwrap).collect();
    assert_eq!(receipts.len(), 600);
    for (number, receipt) in (0..).zip(&receipts) {
        verify_receipt(receipt, &api.receipt_key).unwrap();
        let badge = badge::read(credential(number).to_string().as_bytes()).unwrap();
        assert_eq!(receipt.promise.digest, badge.digest);
        assert_eq!(receipt.promise.external_id, Some(format!("수료-{number}")));
    }
    // one signature, and the same promise as a single repeat of the line gives
    assert!(receipts.iter().all(|one| one.proof.signature == receipts[0].proof.signature));
    let single = api.post("/v1/badges", &submission(7)).await;
    assert_eq!(single.status, StatusCode::OK);
    let promise = serde_json::to_value(&receipts[7].promise).unwrap();
    assert_eq!(single.json()["receipt"]["promise"], promise);
    let BulkLine::Accepted(line) = &answer.lines[7] else { panic!("line 7 was accepted") };
    assert_eq!(single.json()["proofToken"], line.0.proof_token);
}

async fn a_bad_line_spoils_only_itself(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    api.submit(5).await;
    let digest = |byte: &str| json!({"digest": byte.repeat(32), "rule": "opaque"});
    let mut taken_differently = submission(5);
    taken_differently["externalId"] = json!("other");
    let body = lines([
        json!({"header": {"issuer": ISSUER, "windowStartedAt": "2026-03-01T09:00:00Z"}}),
        digest("ab"),
        json!({"digest": "ab"}),
        json!("text"),
        taken_differently,
        json!({"digest": "cd".repeat(32), "rule": "opaque", "issuer": "https://other.example/"}),
        json!({"digest": "ef".repeat(32), "rule": "opaque", "windowStartedAt": "2020-01-01T00:00:00Z"}),
        digest("ab"),
        digest("12"),
    ]);
    let answer = send(&api, body).await;
    let outcome = |line: &BulkLine| match line {
        BulkLine::Accepted(line) if line.0.repeat => (None, "repeat".to_owned()),
        BulkLine::Accepted(_) => (None, "new".to_owned()),
        BulkLine::Refused(problem) => (problem.line, problem.code.clone()),
    };
    let found: Vec<_> = answer.lines.iter().map(outcome).collect();
    let expected = [
        (None, "new"),
        (Some(3), "missing_member"),
        (Some(4), "malformed_json"),
        (Some(5), "already_accepted_differently"),
        (Some(6), "issuer_not_registered"),
        (Some(7), "deadline_unkeepable"),
        (None, "repeat"),
        (None, "new"),
    ];
    assert_eq!(found, expected.map(|(line, code)| (line, code.to_owned())));
    for receipt in answer.receipts() {
        verify_receipt(&receipt.unwrap(), &api.receipt_key).unwrap();
    }
    assert_eq!(api.service.store.counts().await.unwrap().badges, 3);
    let refused = send(&api, lines([json!({})])).await;
    assert_eq!(refused.receipts().count(), 0);
}

async fn a_repeat_gives_identical_promises(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    // the first request was cut off after a part of it had been stored
    send(&api, lines((0..20).map(submission))).await;
    api.service.clock.advance(HOUR_MS);
    let whole = || lines((0..50).map(submission));
    let first = send(&api, whole()).await;
    api.service.clock.advance(HOUR_MS);
    let second = send(&api, whole()).await;
    let promises = |answer: &BulkAnswer| {
        answer.receipts().map(|receipt| receipt.unwrap().promise).collect::<Vec<_>>()
    };
    assert_eq!(promises(&first), promises(&second));
    assert_eq!(api.service.store.counts().await.unwrap().badges, 50);
}

async fn too_many_lines_store_nothing(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let line = json!({"digest": "ab".repeat(32), "rule": "opaque", "issuer": ISSUER});
    let answer = api.call("POST", "/v1/badges/bulk", format!("{line}\n").repeat(10_001)).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (413, "too_many_lines"));
    assert_eq!(api.service.store.counts().await.unwrap().positions, 0);
}
