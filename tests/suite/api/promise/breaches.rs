//! What is overdue is stated once, under signature, and stays on record.

use std::sync::Arc;

use domain::BadgeState;
use proof::{Breach, Timestamp, TrustFile};
use serde_json::{Value, json};
use store::{OutboxEvent, Store};
use worker::audit::Subject;

use super::Watched;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_budget_below_the_market_until_the_deadline_is_a_breach_on_record_and_no_badge_is_lost,
    who_notices_first_records_and_who_has_the_key_signs,
    the_list_is_paged_and_unaffected_by_erasure,
);

const GWEI: u128 = 1_000_000_000;

/// The statement as a holder keeps it.
fn file(breach: &Value) -> Breach {
    let file = json!({"statement": breach["statement"], "proof": breach["proof"]});
    Breach::parse(file.to_string().as_bytes()).unwrap()
}

async fn trust_file(watched: &Watched) -> TrustFile {
    let answer = watched.api.public("GET", "/.well-known/ingam.json", "").await;
    TrustFile::parse(answer.json()["trust"].to_string().as_bytes()).unwrap()
}

async fn a_budget_below_the_market_until_the_deadline_is_a_breach_on_record_and_no_badge_is_lost(
    store: Arc<dyn Store>,
) {
    let mut watched = Watched::on(store).await;
    watched.moments(2).await;
    // above what the signer would ever sign
    watched.api.service.chain.set_base_fee(3_000 * GWEI);
    watched.post().await;
    watched.hours(17, true).await;
    assert_eq!(watched.told_of_chain().await.get("alarm"), None);
    watched.hours(2, true).await;
    assert_eq!(watched.told_of_chain().await["alarm"], "warn");
    assert_eq!(watched.closed().await, None);
    watched.hours(2, true).await;
    assert_eq!(watched.told_of_chain().await["alarm"], "page");
    assert_eq!(watched.closed().await.as_deref(), Some("deadline-near"));
    watched.hours(2, true).await;
    assert_eq!(watched.told_of_chain().await["alarm"], "decide");
    assert!(watched.breaches().await.is_empty());
    watched.hours(2, true).await;
    // looks in quick succession tell what time it is on the chain
    watched.moments(3).await;
    assert_eq!(watched.closed().await.as_deref(), Some("overdue"));

    let told = watched.told_of_chain().await;
    assert_eq!((&told["overdue"], &told["breaches"]), (&json!(1), &json!(1)));
    let breaches = watched.breaches().await;
    assert_eq!(breaches.len(), 1);
    let breach = file(&breaches[0]);
    let trust = trust_file(&watched).await;
    assert_eq!(trust.check_breach(&breach), Ok(()));
    let first = watched.api.service.accepted[0];
    let record = watched.api.service.record(first).await;
    let statement = &breach.statement;
    assert_eq!((statement.number, statement.badges), (1, 1));
    let deadline_at = record.deadline_at();
    assert_eq!(statement.deadline_at, deadline_at);
    let batch = record.batch.clone().unwrap();
    assert_eq!(statement.commitment, Some(batch.seal().unwrap().commitment));
    assert_eq!(breaches[0].get("finalAt"), None);
    let events = watched.api.service.store.events(0, 100).await.unwrap();
    let overdue = events.iter().filter(|event| event.event == OutboxEvent::PROMISE_OVERDUE);
    assert_eq!(overdue.map(|event| event.batch).collect::<Vec<_>>(), [batch.id]);
    // neither digest nor salt nor id is told
    let text = breaches[0].to_string();
    for secret in [record.digest.to_string(), record.salt.to_string(), first.to_string()] {
        assert!(!text.contains(&secret), "{text}");
    }

    watched.api.service.chain.set_base_fee(10 * GWEI);
    watched.moments(30).await;
    watched.api.service.until_final().await;
    watched.look().await;
    assert_eq!(watched.api.service.accepted.len(), 2);
    let states = watched.api.service.states().await;
    assert!(states.iter().all(|state| *state == BadgeState::Final), "late, never dropped");
    let breaches = watched.breaches().await;
    assert_eq!((breaches.len(), file(&breaches[0])), (1, breach), "it stays as it was signed");
    let anchored: Timestamp = breaches[0]["anchoredAt"].as_str().unwrap().parse().unwrap();
    assert!(anchored > deadline_at);
    assert_eq!(breaches[0]["late"], 1);
    let told = watched.told_of_chain().await;
    assert_eq!((&told["late"], &told["overdue"]), (&json!(1), &json!(0)));
    assert!(told["leastMarginMs"].as_i64().unwrap() < 0);
    let audit = watched.api.service.audit().await;
    // the audit log gets its heads elsewhere
    let findings = audit.findings.iter().filter(|one| one.subject != Subject::AuditLog);
    let findings: Vec<_> = findings.map(|one| one.detail.as_str()).collect();
    let late = format!("anchored at {anchored}, after its deadline {deadline_at}");
    assert_eq!(findings, [late.as_str(), "1 promises were kept too late"]);
    assert_eq!(watched.closed().await, None);
}

async fn who_notices_first_records_and_who_has_the_key_signs(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    let mut worker = super::watch(&watched.api, watched.host.clone(), true, None);
    let mut other = super::watch(&watched.api, watched.host.clone(), false, None);
    worker.round().await.unwrap();
    watched.post().await;
    // nothing anchors, and nothing is even cut; looks without a block make the host's clock count
    for _ in 0..40 {
        watched.api.service.clock.advance(25 * HOUR_MS / 40);
        worker.round().await.unwrap();
    }
    let (one, two) = tokio::join!(worker.round(), other.round());
    one.and(two).unwrap();
    let store = Arc::clone(&watched.api.service.store);
    let unsigned = store.unsigned_breaches(10).await.unwrap();
    assert_eq!(unsigned.len(), 1, "once, by whomever");
    assert_eq!(unsigned[0].commitment, None, "it was not even sealed");
    let listed = watched.breaches().await;
    let trust = trust_file(&watched).await;
    assert_eq!(trust.check_breach(&file(&listed[0])), Ok(()), "signed before it is shown");
    assert!(store.unsigned_breaches(10).await.unwrap().is_empty());
    watched.look().await;
    assert_eq!(watched.breaches().await, listed);
    watched.moments(20).await;
    watched.api.service.until_final().await;
    watched.look().await;
    let ended = watched.breaches().await.remove(0);
    assert!(ended["commitment"].is_string() && ended["anchoredAt"].is_string());
    assert_eq!(file(&ended), file(&listed[0]));
}

async fn the_list_is_paged_and_unaffected_by_erasure(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.look().await;
    for _ in 0..3 {
        watched.post().await;
        watched.api.service.chain.set_paused(true);
        watched.api.service.grow_old();
        let _ = watched.api.service.work().await;
    }
    watched.hours(25, true).await;
    watched.moments(3).await;
    let all = watched.breaches().await;
    let numbers: Vec<_> = all.iter().map(|it| it["statement"]["number"].clone()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let page = |query: &str| format!("/v1/promise/breaches?{query}");
    let first = watched.api.public("GET", &page("limit=2"), "").await.json();
    assert_eq!(first["items"], json!(all[..2]));
    let next = first["next"].as_str().unwrap();
    let last = watched.api.public("GET", &page(&format!("limit=2&cursor={next}")), "").await.json();
    assert_eq!((&last["items"], last.get("next")), (&json!(all[2..]), None));
    let erased = watched.api.service.accepted.remove(0);
    let path = format!("/v1/badges/{erased}");
    assert_eq!(watched.api.call("DELETE", &path, "").await.status, 204);
    assert_eq!(watched.breaches().await, all);
    watched.look().await;
    assert_eq!(watched.breaches().await, all);
}
