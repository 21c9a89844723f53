//! A schema that is not this program's is refused.

use store::StoreError;

use crate::support::Database;

async fn refuses_a_missing_schema(empty: Database) {
    let refused = empty.open().await;
    assert!(matches!(refused, Err(StoreError::Schema(_))), "{:?}", refused.err());
    empty.drop().await;
}

async fn refuses_an_unknown_schema(database: Database) {
    let changes = [
        // a later version of the program was here
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (999999, 'of the future', TRUE, '', 0)",
        // the migration was edited after it was applied
        "DELETE FROM _sqlx_migrations WHERE version = 999999",
        "UPDATE _sqlx_migrations SET checksum = 'other'",
    ];
    for (change, refused) in changes.into_iter().zip([true, false, true]) {
        database.execute(change).await;
        match database.open().await {
            Err(StoreError::Schema(_)) => assert!(refused, "{change}"),
            Err(other) => panic!("{change}: {other:?}"),
            Ok(store) => {
                assert!(!refused, "{change}");
                store.close().await;
            }
        }
    }
    database.drop().await;
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
        super::refuses_a_missing_schema(Database::empty_sqlite()).await;
    }

    #[tokio::test]
    async fn refuses_an_unknown_schema() {
        super::refuses_an_unknown_schema(Database::sqlite().await).await;
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
        super::refuses_a_missing_schema(Database::empty_postgres().await).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn refuses_an_unknown_schema() {
        super::refuses_an_unknown_schema(Database::postgres().await).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn migrating_again_changes_nothing() {
        super::migrating_again_changes_nothing(Database::postgres().await).await;
    }
}
