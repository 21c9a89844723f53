//! Submissions: the promise, its window, and repeats.

use std::sync::Arc;

use api::bulk_format::BulkAnswer;
use axum::http::StatusCode;
use domain::Clock as _;
use proof::{Receipt, verify_receipt};
use serde_json::{Value, json};
use store::Store;

use super::client::{Api, ISSUER, credential, submission};
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_receipt_promises_what_was_posted,
    a_repeat_gets_the_identical_promise,
    a_promise_outlives_a_change_of_registry,
    other_options_are_a_conflict,
    the_window_runs_from_the_learners_acceptance,
    an_unkeepable_deadline_stores_nothing,
    a_digest_alone_can_be_promised,
    a_promise_at_risk_closes_intake_only,
    posting_at_once_is_one_badge,
);

fn read_receipt(answer: &Value) -> Receipt {
    Receipt::parse(answer["receipt"].to_string().as_bytes()).unwrap()
}

async fn a_receipt_promises_what_was_posted(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let answer = api.post("/v1/badges", &submission(1)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/v1/badges/{id}").as_str()));
    let receipt = read_receipt(&body);
    verify_receipt(&receipt, &api.receipt_key).unwrap();
    let badge = badge::read(credential(1).to_string().as_bytes()).unwrap();
    let promise = &receipt.promise;
    let (stream, now) = (&api.service.stream, api.service.clock.now());
    assert_eq!((promise.digest, promise.rule), (badge.digest, badge.rule));
    assert_eq!(promise.issuer.as_str(), ISSUER);
    assert_eq!(promise.external_id.as_deref(), Some("수료-1"));
    assert_eq!((promise.received_at, promise.window_started_at), (now, None));
    assert_eq!(promise.deadline_at, now.plus_millis(stream.promise_ms));
    assert_eq!((promise.chain_id, promise.registry), (stream.chain_id, stream.registry));
    assert_eq!(promise.service, stream.service);
    assert_eq!(body["digestSource"], "service");
}

async fn a_repeat_gets_the_identical_promise(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let first = api.submit(1).await;
    api.service.clock.advance(HOUR_MS);
    // white space and the order of members do not make another badge
    let again = format!("{{ \"externalId\":\"수료-1\",\n\"credential\" :\n{:#} }}", credential(1));
    let answer = api.call("POST", "/v1/badges", again).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), first);
    // also when its lead is gone by, and when it is final
    api.service.grow_old();
    api.service.until_final().await;
    api.service.clock.advance(30 * HOUR_MS);
    let late = api.post("/v1/badges", &submission(1)).await;
    assert_eq!((late.status, late.json()), (StatusCode::OK, first));
}

async fn a_promise_outlives_a_change_of_registry(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let first = api.submit(1).await;
    api.move_to_another_registry().await;
    let again = api.post("/v1/badges", &submission(1)).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.clone()));
    let new = api.post("/v1/badges", &submission(2)).await.json();
    let registry = |answer: &Value| answer["receipt"]["promise"]["registry"].clone();
    assert_ne!(registry(&first), registry(&new));
    // the same from a bulk answer, whose header has today's facts
    let body = format!("{}\n{}\n", submission(2), submission(1));
    let answer = api.call("POST", "/v1/badges/bulk", body).await;
    let answer = BulkAnswer::parse(answer.text()).unwrap();
    let receipts: Vec<_> = answer.receipts().map(Result::unwrap).collect();
    assert_eq!(receipts[0].promise, read_receipt(&new).promise);
    assert_eq!(receipts[1].promise, read_receipt(&first).promise);
}

async fn other_options_are_a_conflict(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    api.submit(1).await;
    for other in [
        json!({"credential": credential(1)}),
        json!({"credential": credential(1), "externalId": "other"}),
        json!({"credential": credential(1), "externalId": "수료-1",
            "windowStartedAt": "2026-03-01T09:00:00Z"}),
    ] {
        let answer = api.post("/v1/badges", &other).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert_eq!(answer.problem(), "already_accepted_differently");
    }
    assert_eq!(api.service.store.counts().await.unwrap().badges, 1);
}

async fn the_window_runs_from_the_learners_acceptance(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let mut body = submission(1);
    // 21 hours before 2026-03-01T09:30:00Z, with an offset
    body["windowStartedAt"] = json!("2026-02-28T21:30:00+09:00");
    let answer = api.post("/v1/badges", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let receipt = read_receipt(&answer.json());
    verify_receipt(&receipt, &api.receipt_key).unwrap();
    assert_eq!(receipt.promise.window_started_at.unwrap().to_string(), "2026-02-28T12:30:00.000Z");
    assert_eq!(receipt.promise.deadline_at.to_string(), "2026-03-01T12:30:00.000Z");
    // a platform's clock may be a little ahead; the promise still agrees with itself
    let mut ahead = submission(2);
    ahead["windowStartedAt"] = json!("2026-03-01T09:30:30Z");
    let answer = api.post("/v1/badges", &ahead).await;
    verify_receipt(&read_receipt(&answer.json()), &api.receipt_key).unwrap();
    let again = api.post("/v1/badges", &ahead).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, answer.json()));
    let mut future = submission(3);
    future["windowStartedAt"] = json!("2026-03-01T10:30:00Z");
    let answer = api.post("/v1/badges", &future).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "window_in_future"));
}

async fn an_unkeepable_deadline_stores_nothing(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let mut body = submission(1);
    body["windowStartedAt"] = json!("2026-02-28T11:29:59.999Z");
    let answer = api.post("/v1/badges", &body).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "deadline_unkeepable"));
    assert_eq!(answer.json()["pointer"], "/windowStartedAt");
    assert_eq!(api.service.store.counts().await.unwrap().positions, 0);
    body["windowStartedAt"] = json!("2026-02-28T11:30:00Z");
    let first = api.post("/v1/badges", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "exactly the minimum lead");
    api.service.clock.advance(1);
    let again = api.post("/v1/badges", &body).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.json()));
}

async fn a_digest_alone_can_be_promised(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    for rule in ["jcs-sha256-v1", "file-sha256", "opaque"] {
        let body = json!({"digest": "ab".repeat(32), "rule": rule, "issuer": ISSUER});
        let answer = api.post("/v1/badges", &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        let body = answer.json();
        assert_eq!(body["digestSource"], "issuer");
        assert_eq!(body["receipt"]["promise"]["rule"], rule);
        verify_receipt(&read_receipt(&body), &api.receipt_key).unwrap();
    }
}

async fn a_promise_at_risk_closes_intake_only(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let first = api.submit(1).await;
    // nothing works; the deadline comes near
    api.service.clock.advance(24 * HOUR_MS - 10 * 60_000);
    let answer = api.post("/v1/badges", &submission(2)).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "promise_at_risk"));
    assert_eq!(answer.header("retry-after"), Some("60"));
    let bulk = api.call("POST", "/v1/badges/bulk", submission(2).to_string()).await;
    assert!(bulk.text().contains("promise_at_risk"));
    // a known badge still gets its promise, and reads go on
    let again = api.post("/v1/badges", &submission(1)).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first));
    assert_eq!(api.get("/v1/badges").await.status, StatusCode::OK);
    assert_eq!(api.public("GET", "/v1/promise", "").await.json()["open"], 1);
    api.service.until_final().await;
    api.service.clock.advance(2_001);
    assert_eq!(api.post("/v1/badges", &submission(2)).await.status, StatusCode::ACCEPTED);
}

async fn posting_at_once_is_one_badge(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let body = submission(1);
    let posts = (0..16).map(|_| api.post("/v1/badges", &body));
    let answers = futures::future::join_all(posts).await;
    let new = answers.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert_eq!(new, 1);
    assert!(answers.iter().all(|answer| answer.json() == answers[0].json()));
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1);
}
