//! Schedules that once failed, as short as they were found. They stand here as events, for a seed
//! would mean another schedule as soon as there is another kind of event.

use super::schedule::Event::{self, *};
use super::trial::{Backend, trial};

/// What went wrong, and how it comes about.
const CASES: &[(&str, &[Event])] = &[(
    "a process that wakes up compares nonces on chain with those that it read long ago, and halts",
    &[
        Submit { count: 1 },
        Wait { minutes: 1 },
        Stop { process: 1, calls: 3 },
        Wait { minutes: 1 },
        Work { process: 0 },
        Mine,
        Resume { process: 1 },
    ],
)];

async fn run(backend: Backend) {
    for (name, schedule) in CASES {
        if let Err(failure) = trial(backend, schedule).await {
            panic!("{name}: {failure}");
        }
    }
}

#[tokio::test]
async fn what_failed_once_on_sqlite() {
    run(Backend::Sqlite).await;
}

#[tokio::test]
#[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
async fn what_failed_once_on_postgres() {
    run(Backend::Postgres).await;
}
