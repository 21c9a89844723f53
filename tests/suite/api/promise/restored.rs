//! A database that may be older than what was promised: no canary takes a position in it, and what it
//! calls overdue is neither cut nor put on record.

use std::sync::Arc;

use api::CanaryRun;
use domain::Clock as _;
use store::{Halt, HaltReason, Store};

use super::Watched;
use crate::support::{HOUR_MS, over_both_databases};

over_both_databases!(
    a_canary_takes_no_position_in_a_restored_database,
    what_a_restored_database_calls_overdue_is_no_breach,
);

impl Watched {
    async fn restored(&self) {
        let halt = Halt {
            chain_id: self.api.service.stream.chain_id,
            reason: HaltReason::Restored,
            since: self.api.service.clock.now(),
            detail: "nonces 3 to 5 are not in this database".to_owned(),
        };
        assert!(self.api.service.store.halt(&halt).await.unwrap());
    }

    async fn adopted(&self) {
        let (chain_id, now) = (self.api.service.stream.chain_id, self.api.service.clock.now());
        let store = &self.api.service.store;
        assert!(store.resume(chain_id, HaltReason::Restored, now).await.unwrap());
    }
}

async fn a_canary_takes_no_position_in_a_restored_database(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    let state = watched.api.state().clone();
    let canary = CanaryRun::new(state, watched.api.routes().clone(), HOUR_MS);
    watched.look().await;
    watched.post().await;
    watched.api.service.clock.advance(HOUR_MS);
    watched.look().await;
    watched.restored().await;
    let store = Arc::clone(&watched.api.service.store);
    let (chain_id, now) = (watched.api.service.stream.chain_id, watched.api.service.clock.now());
    canary.round().await.unwrap();
    assert_eq!(store.pending_canaries(chain_id, 10).await.unwrap(), [], "none is intended");
    // the backup has an intent
    let digest = watched.api.state().entropy.salt();
    store.begin_canary(chain_id, digest, now, HOUR_MS, true).await.unwrap().unwrap();
    canary.round().await.unwrap();
    assert_eq!(store.counts().await.unwrap().positions, 1);
    watched.adopted().await;
    canary.round().await.unwrap();
    assert_eq!(store.counts().await.unwrap().positions, 2, "it is taken up again");
}

async fn what_a_restored_database_calls_overdue_is_no_breach(store: Arc<dyn Store>) {
    let mut watched = Watched::on(store).await;
    watched.moments(2).await;
    watched.post().await;
    watched.restored().await;
    watched.hours(25, true).await;
    watched.moments(3).await;
    let standing = watched.look().await;
    assert_eq!((standing.overdue, standing.uncut, standing.breaches), (1, 1, 0));
    assert!(watched.breaches().await.is_empty());
    watched.adopted().await;
    let standing = watched.look().await;
    let recorded = watched.look().await;
    assert_eq!((standing.uncut, recorded.uncut, recorded.breaches), (1, 0, 1));
}
