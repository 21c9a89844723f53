use std::os::unix::fs::PermissionsExt as _;

use sqlx::{Connection, Executor};
use store::{Administration, Intake, Store, StoreError};

use super::{Fixture, at};
use crate::files::{connect, create};
use crate::{SqliteOptions, SqliteStore};

fn message<T>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_second_opening_is_refused_until_the_first_is_closed() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let path = fixture.path();
    let again = message(SqliteStore::open(&path, SqliteOptions::default()).await);
    assert!(again.contains("another process"), "{again}");
    let migrated = message(SqliteStore::migrate(&path).await);
    assert!(migrated.contains("another process"), "{migrated}");
    fixture.store.close().await;
    let closed = message(fixture.store.accept(fixture.stream.id, &[]).await);
    assert!(closed.contains("closed"), "{closed}");
    let reopened = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
    reopened.ready().await.unwrap();
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let file = std::fs::metadata(format!("{}{suffix}", fixture.path().display())).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{suffix}");
    }
    fixture.store.close().await;
}

#[tokio::test]
async fn only_this_programs_schema_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ingam.db");
    let open = || SqliteStore::open(&path, SqliteOptions::default());
    assert!(message(open().await).contains("there is no database"));
    create(&path).unwrap();
    connect(&path).await.unwrap().close().await.unwrap();
    assert!(message(open().await).contains("no schema; run `ingam migrate`"));
    SqliteStore::migrate(&path).await.unwrap();
    SqliteStore::migrate(&path).await.unwrap();
    open().await.unwrap().close().await;
    let mut raw = connect(&path).await.unwrap();
    raw.execute(
        "INSERT INTO _sqlx_migrations VALUES (99, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 1)",
    )
    .await
    .unwrap();
    raw.close().await.unwrap();
    let newer = open().await;
    assert!(matches!(newer, Err(StoreError::Schema(_))));
    assert!(message(newer).contains("migration 99"));
    assert!(matches!(SqliteStore::migrate(&path).await, Err(StoreError::Schema(_))));
}

#[tokio::test]
async fn intake_is_refused_above_the_limit_of_the_log_and_resumes() {
    // above every size the log has here: the first checkpoint is due only where the test says so
    let far = SqliteOptions { checkpoint_above: u64::MAX, refuse_above: 100_000 };
    let fixture = Fixture::new(far).await;
    let stream = fixture.stream.id;
    fixture.store.accept(stream, &fixture.submissions(0..1000)).await.unwrap();
    let refused = fixture.store.accept(stream, &fixture.submissions(1000..1001)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    fixture.store.files.truncate_log().await.unwrap();
    fixture.store.accept(stream, &fixture.submissions(1000..1001)).await.unwrap();
}

#[tokio::test]
async fn the_log_is_emptied_beside_the_writer() {
    let small = SqliteOptions { checkpoint_above: 100_000, refuse_above: 1 << 30 };
    let fixture = Fixture::new(small).await;
    let wal = fixture.path().with_extension("db-wal");
    for round in 0..30 {
        let rows = fixture.submissions(round * 300..(round + 1) * 300);
        fixture.store.accept(fixture.stream.id, &rows).await.unwrap();
    }
    let log = || std::fs::metadata(&wal).unwrap().len();
    // a checkpoint runs beside the writer, when it gets a turn
    for _ in 0..1000 {
        if log() < 100_000 {
            let database = std::fs::metadata(fixture.path()).unwrap().len();
            assert!(database > 1_000_000, "the pages are in the database: {database}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the log was never emptied: {} bytes", log());
}

#[tokio::test]
async fn what_is_committed_is_there_after_a_restart() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let rows = fixture.submissions(0..3);
    let accepted = fixture.store.accept(fixture.stream.id, &rows).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    // the files as a crash would leave them: log not copied, connections open
    for suffix in ["", "-wal"] {
        let name = format!("ingam.db{suffix}");
        std::fs::copy(fixture.path().with_file_name(&name), copy.path().join(&name)).unwrap();
    }
    let path = copy.path().join("ingam.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
    let again = store.accept(fixture.stream.id, &rows).await.unwrap();
    for (first, second) in accepted.iter().zip(&again) {
        assert_eq!((first.position, first.salt), (second.position, second.salt));
        assert_eq!(second.acceptance, domain::Acceptance::Known);
    }
    assert_eq!(again[2].accepted_at, at(2));
}

#[tokio::test]
async fn a_caller_who_hangs_up_blocks_nobody() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    let before = fixture.store.accounts().await.unwrap().len();
    let mut finished = 0;
    for patience in 0..60 {
        // given up at another await each time
        let given_up = async {
            for _ in 0..patience {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            done = fixture.store.add_account("interrupted", at(1)) => {
                done.unwrap();
                finished += 1;
            }
            () = given_up => {}
        }
    }
    fixture.store.add_account("last", at(2)).await.unwrap();
    let accounts = fixture.store.accounts().await.unwrap();
    // one given up in its commit may be stored all the same
    assert!(accounts.len() > before + finished, "{finished} of {}", accounts.len());
    assert_eq!(accounts.last().unwrap().name, "last");
}

#[tokio::test]
async fn the_writer_goes_on_after_sqlite_undid_a_transaction_by_itself() {
    let fixture = Fixture::new(SqliteOptions::default()).await;
    for number in 0..3 {
        let mut writer = fixture.store.files.writer().await.unwrap();
        let mut tx = writer.begin().await.unwrap();
        // as a write to a full disk does, this ends the whole transaction
        let statement = "INSERT OR ROLLBACK INTO account (name, created_at) VALUES ('', 0)";
        assert!(sqlx::Executor::execute(&mut *tx, statement).await.is_err());
        drop(tx);
        drop(writer);
        let submission = fixture.submission(number);
        let accepted = fixture.store.accept(fixture.stream.id, &[submission]).await.unwrap();
        assert_eq!(
            accepted[0].position,
            domain::Position::first_of(fixture.stream.id).plus(number)
        );
    }
}
