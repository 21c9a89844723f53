//! Law 2: whatever happens in whatever order, what must hold at any time holds after every step; and
//! once it is over, every promise is kept, every effect is on chain once, and the database says what
//! the chain says. A seed names a schedule; one that fails is cut short and printed, and becomes a
//! case in [`found`].
//!
//! `INGAM_SEEDS=from..to` runs other seeds than those of `scripts/test`; `scripts/soak` does.

mod ending;
mod found;
mod invariants;
mod oracle;
mod schedule;
mod shrinking;
mod trial;
mod world;

use std::ops::Range;

use trial::{Backend, trial};

/// Seeds of `scripts/test` on SQLite, and a tenth on PostgreSQL.
const SEEDS: Range<u64> = 0..2_000;
const SEEDS_ON_POSTGRES: Range<u64> = 0..200;

/// The seeds of one of four tests, which run side by side.
fn part(seeds: Range<u64>, number: u64) -> impl Iterator<Item = u64> {
    chosen().unwrap_or(seeds).filter(move |seed| seed % 4 == number)
}

/// What `INGAM_SEEDS` says.
fn chosen() -> Option<Range<u64>> {
    let text = std::env::var("INGAM_SEEDS").ok()?;
    let (from, to) = text.split_once("..").expect("INGAM_SEEDS is FROM..TO");
    let number = |text: &str| text.parse().expect("INGAM_SEEDS has two numbers");
    Some(number(from)..number(to))
}

async fn run(backend: Backend, seeds: Range<u64>, number: u64) {
    let mut oracle = oracle::Documents::default();
    for seed in part(seeds, number) {
        let schedule = schedule::schedule(seed);
        match trial(backend, &schedule).await {
            Ok(documents) => oracle.add(seed, documents),
            Err(failure) => {
                let shortest = shrinking::shortest(backend, &schedule, &failure).await;
                panic!("seed {seed}: {failure}\nthe shortest schedule that fails: {shortest}");
            }
        }
    }
    oracle.judge();
}

macro_rules! quarters {
    ($($name:ident: $number:literal),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::run(super::Backend::Sqlite, super::SEEDS, $number).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test]
                #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
                async fn $name() {
                    super::run(super::Backend::Postgres, super::SEEDS_ON_POSTGRES, $number).await;
                }
            )+
        }
    };
}

quarters!(first_quarter: 0, second_quarter: 1, third_quarter: 2, fourth_quarter: 3);
