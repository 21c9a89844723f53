//! A host's clock that is a day wrong breaks no promise and states no breach.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::Clock as _;
use store::Store;

use super::Watched;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_host_clock_a_day_ahead_states_no_breach,
    a_host_clock_a_day_behind_closes_intake,
);

const DAY_MS: i64 = 24 * HOUR_MS;

impl Watched {
    fn host_is_off_by(&self, millis: i64) {
        self.host.off_ms.store(millis, Ordering::SeqCst);
    }
}

async fn a_host_clock_a_day_ahead_states_no_breach(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.moments(3).await;
    assert_eq!(watched.told_of_chain().await["clocksAgree"], true);
    watched.api.service.chain.set_paused(true);
    watched.post().await;
    watched.host_is_off_by(DAY_MS + HOUR_MS);
    for _ in 0..20 {
        watched.moments(1).await;
        assert!(watched.breaches().await.is_empty());
    }
    let standing = watched.look().await;
    assert!(standing.clocks.disagree());
    assert_eq!(standing.overdue, 0, "by the earlier clock it is not");
    assert!(standing.margin_ms().unwrap() < 0, "by the later one nothing is left");
    watched.host_is_off_by(0);
    watched.api.service.chain.set_paused(false);
    watched.moments(40).await;
    watched.api.service.until_final().await;
    assert_eq!(watched.told_of_chain().await["clocksAgree"], true);
    assert!(watched.breaches().await.is_empty());
    watched.api.service.assert_kept().await;
}

/// Receipts would carry deadlines that have nearly passed.
async fn a_host_clock_a_day_behind_closes_intake(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.host_is_off_by(-DAY_MS);
    watched.moments(4).await;
    let standing = watched.look().await;
    assert!(standing.clocks.disagree());
    assert_eq!(standing.clocks.latest(), watched.api.service.clock.now());
    let host = watched.host.clone();
    let routes = watched.api.routes_with(|state| state.clock = host);
    let body = super::submission(7).to_string();
    let answer = watched.api.post_at(&routes, "/v1/badges", body).await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "promise_at_risk"));
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("clocks"), "{}", answer.text());
    watched.host_is_off_by(0);
    watched.moments(4).await;
    assert_eq!(watched.closed().await, None);
    assert!(watched.breaches().await.is_empty());
}
