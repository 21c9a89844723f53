//! A schema that is not this program's is refused.

use store::StoreError;

use crate::support::Database;

async fn refuses(database: Database) {
    let refused = database.open().await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{:?}", refused.err());
    database.drop().await;
}

/// `altered` is another checksum, as the database writes bytes.
async fn refuses_an_altered_schema(database: Database, altered: &'static str) {
    database.execute(altered).await;
    refuses(database).await;
}

async fn refuses_a_newer_schema(database: Database) {
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        SELECT 999999, description, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1";
    database.execute(newer).await;
    refuses(database).await;
}

async fn migrating_again_changes_nothing(database: Database) {
    let store = database.open().await.unwrap();
    let account = store.add_account("first", super::world::at(0)).await.unwrap();
    store.close().await;
    database.migrate().await;
    let store = database.open().await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), [account]);
    store.close().await;
    database.drop().await;
}

mod sqlite {
    use super::Database;

    #[tokio::test]
    async fn refuses_a_missing_schema() {
        super::refuses(Database::empty_sqlite()).await;
    }

    #[tokio::test]
    async fn refuses_an_altered_schema() {
        let altered = "UPDATE _sqlx_migrations SET checksum = x'00'";
        super::refuses_an_altered_schema(Database::sqlite().await, altered).await;
    }

    #[tokio::test]
    async fn refuses_a_newer_schema() {
        super::refuses_a_newer_schema(Database::sqlite().await).await;
    }

    #[tokio::test]
    async fn migrating_again_changes_nothing() {
        super::migrating_again_changes_nothing(Database::sqlite().await).await;
    }
}

mod postgres {
    use super::Database;

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn refuses_a_missing_schema() {
        super::refuses(Database::empty_postgres().await).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn refuses_an_altered_schema() {
        let altered = "UPDATE _sqlx_migrations SET checksum = decode('00', 'hex')";
        super::refuses_an_altered_schema(Database::postgres().await, altered).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn refuses_a_newer_schema() {
        super::refuses_a_newer_schema(Database::postgres().await).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn migrating_again_changes_nothing() {
        super::migrating_again_changes_nothing(Database::postgres().await).await;
    }
}
