//! One schedule on a fresh database, from its first event to the oracle's documents.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;

use super::schedule::Event;
use super::world::World;
use super::{ending, oracle};
use crate::support::Database;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backend {
    Sqlite,
    Postgres,
}

/// What did not hold, and after how many events; after all of them: in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) events: usize,
    pub(super) what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} events: {}", self.events, self.what)
    }
}

/// Runs it, heals everything, and looks whether all was kept. The proofs that the public API gives.
pub(super) async fn trial(
    backend: Backend,
    schedule: &[Event],
) -> Result<oracle::Exported, Failure> {
    let database = match backend {
        Backend::Sqlite => Database::short_lived_sqlite().await,
        Backend::Postgres => Database::postgres().await,
    };
    let store = database.open().await.unwrap();
    let happened = AtomicUsize::new(0);
    let run = async {
        let mut world = World::on(store.clone()).await;
        for event in schedule {
            happened.fetch_add(1, Ordering::SeqCst);
            world.step(*event).await;
        }
        ending::all_is_kept(&mut world).await;
        oracle::exported(world.service).await
    };
    let outcome = AssertUnwindSafe(run).catch_unwind().await;
    store.close().await;
    database.drop().await;
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let what = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = what.unwrap_or_else(|| "a panic without a text".to_owned());
        Failure { events: happened.load(Ordering::SeqCst), what }
    })
}
