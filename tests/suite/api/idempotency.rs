//! `Idempotency-Key`: a repeat gets the first answer and does nothing twice.

use std::sync::{Arc, mpsc};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::IssuerId;
use serde_json::{Value, json};
use store::{Committer, CommitterLimits, Store};

use super::client::{Answer, Api, ISSUER, credential, given_to, request, shown, submission};
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_repeat_gets_the_first_answer,
    another_request_with_the_key_is_refused,
    a_key_is_the_accounts_own,
    a_refusal_is_not_kept,
    a_key_that_is_none_is_named,
    bulk_requests_need_no_key,
    what_was_promised_outlives_what_changes,
    a_key_ends_after_a_day,
    a_recipients_first_answer_stands,
    a_revocations_first_answer_stands,
    a_late_repeat_does_not_bring_an_erased_badge_back,
    a_repeat_waits_for_the_first,
    at_once_on_two_replicas_one_is_done,
);

fn named(name: &str, mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert("idempotency-key", name.parse().unwrap());
    request
}

impl Api {
    async fn send_named(&self, name: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.send(named(name, request(&self.key, method, path, body.to_string()))).await
    }

    async fn post_named(&self, name: &str, body: &Value) -> Answer {
        self.send_named(name, "POST", "/v1/badges", body).await
    }
}

fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, one.text()), (other.status, other.text()));
    assert_eq!(one.header("location"), other.header("location"));
    assert_eq!(one.header("cache-control"), other.header("cache-control"));
}

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (status, code));
}

async fn a_repeat_gets_the_first_answer(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let first = api.post_named("\"a\"", &submission(1)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    api.service.clock.advance(HOUR_MS);
    // a process that was killed before it answered, and started again
    let again = named("\"a\"", request(&api.key, "POST", "/v1/badges", submission(1).to_string()));
    assert_same(&api.replica().send(again).await, &first);
    assert_same(&api.post_named("a", &submission(1)).await, &first);
    let unnamed = api.post("/v1/badges", &submission(1)).await;
    assert_eq!((unnamed.status, unnamed.json()), (StatusCode::OK, first.json()));
    // known by its content: 200, and so again
    let known = api.post_named("\"b\"", &submission(1)).await;
    assert_eq!((known.status, known.json()), (StatusCode::OK, first.json()));
    assert_same(&api.post_named("\"b\"", &submission(1)).await, &known);

    let file = credential(2).to_string();
    let raw = async |path: &str| {
        api.send(named("\"r\"", request(&api.key, "POST", path, file.clone()))).await
    };
    let first = raw("/v1/badges/raw?externalId=x&publicLookup=false").await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_same(&raw("/v1/badges/raw?publicLookup=false&externalId=%78").await, &first);
    assert_eq!(api.service.store.counts().await.unwrap().positions, 2);
}

async fn another_request_with_the_key_is_refused(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let first = api.post_named("\"a\"", &submission(1)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let revoke = json!({"reason": "privilege-withdrawn"});
    for (method, path, body) in [
        ("POST", "/v1/badges".to_owned(), submission(2)),
        ("POST", "/v1/badges".to_owned(), given_to(1, shown(4))),
        ("POST", "/v1/badges?x=1".to_owned(), submission(1)),
        ("POST", "/v1/badges/raw".to_owned(), credential(3)),
        ("POST", format!("/v1/badges/{id}/revoke"), revoke),
        ("PUT", format!("/v1/badges/{id}/recipient"), json!({"recipient": shown(4)})),
    ] {
        let answer = api.send_named("\"a\"", method, &path, &body).await;
        assert_refused(&answer, 422, "idempotency_key_reused");
    }
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1);
    let status = api.get(&format!("/v1/badges/{id}")).await.json();
    assert!(status.get("revocation").is_none() && status.get("mint").is_none(), "{status}");
    assert_same(&api.post_named("\"a\"", &submission(1)).await, &first);
}

async fn a_key_is_the_accounts_own(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let first = api.post_named("\"a\"", &submission(1)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let (store, now) = (&api.service.store, Default::default());
    let other = store.add_account("other", now).await.unwrap().id;
    let identifier = "did:web:other.example".parse().unwrap();
    store.add_issuer(other, &identifier, &[], domain::Control::Manual, now).await.unwrap();
    let key = api.new_key(other, "ingest,read", &[]).await;
    let body = json!({"credential": credential(1), "issuer": identifier.as_str()}).to_string();
    let post = || named("\"a\"", request(&key, "POST", "/v1/badges", body.clone()));
    let theirs = api.send(post()).await;
    assert_eq!(theirs.status, StatusCode::ACCEPTED, "{}", theirs.text());
    assert_ne!(theirs.json()["id"], first.json()["id"]);
    assert_same(&api.send(post()).await, &theirs);
    // of the account, but for other issuers only
    let narrow = api.new_key(api.service.account, "ingest", &[IssuerId(999)]).await;
    let post = named("\"a\"", request(&narrow, "POST", "/v1/badges", submission(1).to_string()));
    assert_refused(&api.send(post).await, 422, "idempotency_key_reused");
}

async fn a_refusal_is_not_kept(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let mut foreign = submission(1);
    foreign["issuer"] = json!("https://other.example/");
    let refused = api.post_named("\"a\"", &foreign).await;
    assert_refused(&refused, 422, "issuer_not_registered");
    assert_refused(&api.post_named("\"a\"", &json!({})).await, 400, "missing_member");
    let first = api.post_named("\"a\"", &submission(1)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "the key was free");
    let mut other = submission(1);
    other["externalId"] = json!("other");
    let conflict = api.post_named("\"b\"", &other).await;
    assert_refused(&conflict, 409, "already_accepted_differently");
    assert_eq!(api.post_named("\"b\"", &submission(2)).await.status, StatusCode::ACCEPTED);
}

async fn a_key_that_is_none_is_named(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let too_long = format!("\"{}\"", "k".repeat(256));
    for name in ["\"\"", "two words", "\"a\", \"b\"", &too_long] {
        let answer = api.post_named(name, &submission(1)).await;
        assert_refused(&answer, 400, "idempotency_key_malformed");
        assert!(!answer.text().contains(name));
    }
    let mut twice = named("\"a\"", request(&api.key, "POST", "/v1/badges", ""));
    twice.headers_mut().append("idempotency-key", "\"a\"".parse().unwrap());
    assert_refused(&api.send(twice).await, 400, "idempotency_key_malformed");
    let keyless = Request::post("/v1/badges").header("idempotency-key", "\"\"");
    let answer = api.send(keyless.body(Body::empty()).unwrap()).await;
    assert_refused(&answer, 401, "key_missing");
    assert_eq!(api.service.store.counts().await.unwrap().positions, 0);
}

async fn bulk_requests_need_no_key(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let bulk = async |number| {
        api.send_named("\"a\"", "POST", "/v1/badges/bulk", &submission(number)).await.status
    };
    // what a first request left undone, the repeat does
    assert_eq!(
        (bulk(1).await, bulk(1).await, bulk(2).await),
        (StatusCode::OK, StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(api.service.store.counts().await.unwrap().positions, 2);
}

async fn what_was_promised_outlives_what_changes(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let mut body = submission(1);
    // a quarter of an hour more than the least lead
    body["windowStartedAt"] = json!("2026-02-28T11:45:00Z");
    let first = api.post_named("\"a\"", &body).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    let (store, now) = (Arc::clone(&api.service.store), Default::default());
    store.disable_issuer(api.service.issuer, now).await.unwrap();
    api.service.clock.advance(HOUR_MS);
    assert_refused(&api.post("/v1/badges", &body).await, 422, "issuer_not_registered");
    assert_same(&api.post_named("\"a\"", &body).await, &first);
    api.move_to_another_registry().await;
    assert_same(&api.post_named("\"a\"", &body).await, &first);
}

async fn a_key_ends_after_a_day(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let first = api.post_named("\"a\"", &submission(1)).await;
    api.service.accepted.push(super::client::position(&first.json()));
    api.service.grow_old();
    api.service.until_final().await;
    api.service.clock.advance(23 * HOUR_MS);
    assert_same(&api.post_named("\"a\"", &submission(1)).await, &first);
    assert_refused(&api.post_named("\"a\"", &submission(2)).await, 422, "idempotency_key_reused");
    api.service.clock.advance(HOUR_MS);
    let second = api.post_named("\"a\"", &submission(2)).await;
    assert_eq!(second.status, StatusCode::ACCEPTED, "{}", second.text());
    let again = api.post_named("\"b\"", &submission(1)).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first.json()));
}

async fn a_recipients_first_answer_stands(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    let badge = api.submit(1).await;
    let path = format!("/v1/badges/{}/recipient", badge["id"].as_str().unwrap());
    let put = async |api: &Api, name: &str, number: u8| {
        api.send_named(name, "PUT", &path, &json!({"recipient": shown(number)})).await
    };
    let first = put(&api, "\"a\"", 4).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_eq!(first.json()["mint"]["state"], "requested");
    api.service.clock.advance(60_000);
    // an open request may change its owner; what the first was told does not
    let changed = put(&api, "\"b\"", 5).await;
    assert_eq!(changed.status, StatusCode::ACCEPTED);
    assert_same(&put(&api, "\"a\"", 4).await, &first);
    assert_same(&put(&api, "\"b\"", 5).await, &changed);
    api.service.grow_mints_old();
    api.service.until_minted(&[super::client::position(&badge)]).await;
    assert_same(&put(&api, "\"a\"", 4).await, &first);
    assert_same(&put(&api, "\"b\"", 5).await, &changed);
    assert_refused(&put(&api, "\"c\"", 4).await, 409, "minted_to_another");
    let known = put(&api, "\"c\"", 5).await;
    assert_eq!(
        (known.status, known.json()["mint"]["state"].as_str()),
        (StatusCode::OK, Some("minted"))
    );
    assert_same(&put(&api, "\"c\"", 5).await, &known);
    assert_refused(&put(&api, "\"c\"", 6).await, 422, "idempotency_key_reused");
}

async fn a_revocations_first_answer_stands(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let badge = api.finished(1).await.remove(0);
    let path = format!("/v1/badges/{}/revoke", badge["id"].as_str().unwrap());
    let revoke = async |api: &Api, name: &str, reason: &str| {
        api.send_named(name, "POST", &path, &json!({ "reason": reason })).await
    };
    let first = revoke(&api, "\"a\"", "superseded").await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_refused(&revoke(&api, "\"b\"", "unspecified").await, 409, "already_revoked_differently");
    api.service.clock.advance(60_000);
    api.service.blocks(20).await;
    let last = revoke(&api, "\"b\"", "superseded").await;
    assert_eq!(last.status, StatusCode::OK, "{}", last.text());
    assert!(last.json()["revocation"]["finalAt"].is_string());
    assert_same(&revoke(&api, "\"a\"", "superseded").await, &first);
    assert_same(&revoke(&api, "\"b\"", "superseded").await, &last);
}

async fn a_late_repeat_does_not_bring_an_erased_badge_back(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let first = api.post_named("\"a\"", &submission(1)).await.json();
    let path = format!("/v1/badges/{}", first["id"].as_str().unwrap());
    let revoke = json!({"reason": "superseded"});
    let revoked = api.send_named("\"b\"", "POST", &format!("{path}/revoke"), &revoke).await;
    assert_eq!(revoked.status, StatusCode::ACCEPTED);
    assert_eq!(api.call("DELETE", &path, "").await.status, StatusCode::NO_CONTENT);
    for body in [submission(1), submission(2)] {
        let answer = api.post_named("\"a\"", &body).await;
        assert_refused(&answer, 422, "idempotency_key_reused");
        assert!(answer.text().contains("erased"));
    }
    let again = api.send_named("\"b\"", "POST", &format!("{path}/revoke"), &revoke).await;
    assert_refused(&again, 404, "not_found");
    assert_eq!(api.service.store.counts().await.unwrap().badges, 0);
    // on purpose, as a new badge
    let anew = api.post_named("\"c\"", &submission(1)).await;
    assert_eq!(anew.status, StatusCode::ACCEPTED);
    assert_ne!(anew.json()["id"], first["id"]);
}

/// A committer that does nothing before it is told to.
fn held_committer(
    store: Arc<dyn Store>,
    stream: domain::StreamId,
) -> (Committer, mpsc::Sender<()>) {
    let (committers, committer) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (committer, task) =
            runtime.block_on(async { Committer::start(store, stream, CommitterLimits::default()) });
        committers.send(committer).unwrap();
        if gone.recv().is_ok() {
            runtime.block_on(task).unwrap();
        }
    });
    (committer.recv().unwrap(), go)
}

async fn a_repeat_waits_for_the_first(store: Arc<dyn Store>) {
    let mut go = None;
    let api = Api::with(store, |state| {
        let (committer, sender) = held_committer(Arc::clone(&state.store), state.stream.id);
        state.committer = committer;
        go = Some(sender);
    });
    let api = Arc::new(api.await);
    let first = {
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            loop {
                let answer = api.post_named("\"a\"", &submission(1)).await;
                // the other may have the key for a moment
                if answer.status != StatusCode::CONFLICT {
                    return answer;
                }
                tokio::task::yield_now().await;
            }
        })
    };
    // refused for its issuer until the first is at work
    let mut other = submission(1);
    other["issuer"] = json!("https://other.example/");
    let mut answer = api.post_named("\"a\"", &other).await;
    while answer.problem() == "issuer_not_registered" {
        tokio::task::yield_now().await;
        answer = api.post_named("\"a\"", &other).await;
    }
    assert_refused(&answer, 409, "idempotency_key_in_use");
    assert_eq!(answer.header("retry-after"), Some("1"));
    let early = api.post_named("\"a\"", &submission(1)).await;
    assert_refused(&early, 409, "idempotency_key_in_use");
    go.unwrap().send(()).unwrap();
    let first = first.await.unwrap();
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    assert_same(&api.post_named("\"a\"", &submission(1)).await, &first);
}

async fn at_once_on_two_replicas_one_is_done(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let replica = api.replica();
    let posts = (0..16_u32).map(|number| {
        // the same, and one that differs
        let badge = if number % 4 == 3 { 2 } else { 1 };
        let post = request(&api.key, "POST", "/v1/badges", submission(badge).to_string());
        let (api, replica) = (&api, &replica);
        async move {
            let post = named("\"a\"", post);
            let answer =
                if number % 2 == 0 { api.send(post).await } else { replica.send(post).await };
            (badge, answer)
        }
    });
    let answers = futures::future::join_all(posts).await;
    let (done, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|(_, answer)| answer.status == StatusCode::ACCEPTED);
    assert!(!done.is_empty());
    for (badge, answer) in &done {
        assert_eq!(*badge, done[0].0);
        assert_same(answer, &done[0].1);
    }
    for (badge, answer) in refused {
        match answer.problem().as_str() {
            "idempotency_key_in_use" => assert!(answer.header("retry-after").is_some()),
            "idempotency_key_reused" => assert_ne!(*badge, done[0].0),
            other => panic!("{other}"),
        }
    }
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1);
    assert_eq!(done[0].1.json()["receipt"]["promise"]["issuer"], ISSUER);
}
