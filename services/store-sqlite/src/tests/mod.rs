//! What is SQLite's own: files, lock, log, erasure to the byte; and one walk through each method.
//! Behaviour that both back ends share is tested in `tests/`.

mod erasure;
mod files;
mod story;

use std::path::PathBuf;

use domain::{Account, Control, Issuer, Stream, Submission};
use proof::{Address, Hash, Rule, Timestamp};
use store::Administration;
use tempfile::TempDir;

use crate::{SqliteOptions, SqliteStore};

pub(crate) const PROMISE_MS: i64 = 86_400_000;

pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + millis).unwrap()
}

/// A database with an account, an issuer and a stream.
pub(crate) struct Fixture {
    pub(crate) store: SqliteStore,
    pub(crate) account: Account,
    pub(crate) issuer: Issuer,
    pub(crate) stream: Stream,
    directory: TempDir,
}

impl Fixture {
    pub(crate) async fn new(options: SqliteOptions) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("ingam.db");
        SqliteStore::migrate(&path).await.unwrap();
        let store = SqliteStore::open(&path, options).await.unwrap();
        let account = store.add_account("Hanbit University", at(0)).await.unwrap();
        let identifier = "https://hanbit.example/".parse().unwrap();
        let aliases = ["did:web:hanbit.example".to_owned()];
        let issuer = store
            .add_issuer(account.id, &identifier, &aliases, Control::Manual, at(0))
            .await
            .unwrap();
        let stream = store
            .stream(31_337, Address([7; 20]), "https://ingam.example", PROMISE_MS, at(0))
            .await
            .unwrap();
        Self { store, account, issuer, stream, directory }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("ingam.db")
    }

    /// A badge whose digest and salt follow from its number.
    pub(crate) fn submission(&self, number: u64) -> Submission {
        Submission {
            issuer: self.issuer.id,
            rule: Rule::JcsSha256V1,
            digest: Hash::of(&[b"digest", &number.to_be_bytes()]),
            id_tag: None,
            salt: Hash::of(&[b"salt", &number.to_be_bytes()]),
            accepted_at: at(number as i64),
            window_started_at: None,
            external_id: None,
            public_lookup: true,
            recipient: None,
            metadata: None,
        }
    }

    pub(crate) fn submissions(&self, numbers: std::ops::Range<u64>) -> Vec<Submission> {
        numbers.map(|number| self.submission(number)).collect()
    }
}
