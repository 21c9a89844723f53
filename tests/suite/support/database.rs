//! A fresh, migrated database for each test.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use store::{Store, StoreError, TimeSource};
use store_postgres::{PostgresOptions, PostgresStore};
use store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// A database of its own.
pub(crate) struct Database {
    place: Place,
}

enum Place {
    /// The directory is deleted when dropped.
    Sqlite(TempDir),
    /// The server's options with this database's name.
    Postgres(Box<PgConnectOptions>),
}

/// How often an embedded database is tried to be opened that may not be ours alone yet.
const OPEN_TRIES: usize = 200;
/// Tests that run at the same time share few cores and one server.
const CONNECTIONS_PER_TEST: u32 = 8;

impl Database {
    /// An empty SQLite database without schema.
    pub(crate) fn empty_sqlite() -> Self {
        Self { place: Place::Sqlite(tempfile::tempdir().unwrap()) }
    }

    /// An empty PostgreSQL database without schema.
    pub(crate) async fn empty_postgres() -> Self {
        Self::copy_of("template1").await
    }

    /// A migrated SQLite database.
    pub(crate) async fn sqlite() -> Self {
        let database = Self::empty_sqlite();
        database.migrate().await;
        database
    }

    /// A migrated SQLite database in memory where the system has a place for that, soon made.
    pub(crate) async fn short_lived_sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let migrated = async {
            let template = Self::sqlite().await;
            std::fs::read(template.location()).unwrap()
        };
        let bytes = TEMPLATE.get_or_init(|| migrated).await;
        let memory = std::path::Path::new("/dev/shm");
        let directory = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let database = Self { place: Place::Sqlite(tempfile::tempdir_in(directory).unwrap()) };
        std::fs::write(database.location(), bytes).unwrap();
        database
    }

    /// A migrated PostgreSQL database on the server of `TEST_DATABASE_URL`.
    pub(crate) async fn postgres() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let migrated = async {
            let template = Self::empty_postgres().await;
            template.migrate().await;
            template.name().to_owned()
        };
        Self::copy_of(TEMPLATE.get_or_init(|| migrated).await).await
    }

    async fn copy_of(template: &str) -> Self {
        static COPIES: AtomicU32 = AtomicU32::new(0);
        let number = COPIES.fetch_add(1, Ordering::SeqCst);
        let name = format!("ingam_test_{}_{number}", std::process::id());
        // of a process that had this number before, whose test failed
        administer(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        administer(format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self { place: Place::Postgres(Box::new(server().database(&name))) }
    }

    /// A backup: another database with what this one holds; it must not be open.
    pub(crate) async fn backup(&self) -> Self {
        match &self.place {
            Place::Sqlite(_) => {
                let copy = Self::empty_sqlite();
                std::fs::copy(self.location(), copy.location()).unwrap();
                copy
            }
            Place::Postgres(_) => Self::copy_of(self.name()).await,
        }
    }

    fn name(&self) -> &str {
        match &self.place {
            Place::Sqlite(_) => "main",
            Place::Postgres(options) => options.get_database().unwrap(),
        }
    }

    /// Where it is: the path of the file, or the URL.
    pub(crate) fn location(&self) -> String {
        match &self.place {
            Place::Sqlite(directory) => directory.path().join("ingam.db").display().to_string(),
            Place::Postgres(options) => options.to_url_lossy().to_string(),
        }
    }

    /// Applies all migrations.
    pub(crate) async fn migrate(&self) {
        let location = self.location();
        match &self.place {
            Place::Sqlite(_) => SqliteStore::migrate(location.as_ref()).await.unwrap(),
            Place::Postgres(_) => PostgresStore::migrate(&location).await.unwrap(),
        }
    }

    /// Opens it; once at a time for SQLite.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, store::StoreError> {
        self.open_by(TimeSource::Clock).await
    }

    /// Opens it; leases on PostgreSQL run by this time.
    pub(crate) async fn open_by(
        &self,
        time: TimeSource,
    ) -> Result<Arc<dyn Store>, store::StoreError> {
        let location = self.location();
        Ok(match &self.place {
            Place::Sqlite(_) => {
                let options = SqliteOptions::default();
                let mut opened = SqliteStore::open(location.as_ref(), options).await;
                // a program that another test starts holds, until it runs, a lock that was just
                // given up here
                for _ in 0..OPEN_TRIES {
                    match opened {
                        Err(StoreError::Unavailable(_)) => {
                            tokio::task::yield_now().await;
                            opened = SqliteStore::open(location.as_ref(), options).await;
                        }
                        _ => break,
                    }
                }
                Arc::new(opened?)
            }
            Place::Postgres(_) => {
                let options = PostgresOptions {
                    max_connections: CONNECTIONS_PER_TEST,
                    time,
                    ..PostgresOptions::default()
                };
                Arc::new(PostgresStore::connect(&location, options).await?)
            }
        })
    }

    /// Runs a statement behind the store's back; it must not be open.
    pub(crate) async fn execute(&self, statement: &'static str) {
        match &self.place {
            Place::Sqlite(_) => {
                let file = SqliteConnectOptions::new().filename(self.location());
                let mut connection = file.connect().await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Place::Postgres(options) => {
                let mut connection = options.connect().await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// Drops it. A failed test leaves its database to be looked at until the server is stopped.
    pub(crate) async fn drop(self) {
        if let Place::Postgres(_) = self.place {
            administer(format!("DROP DATABASE {} WITH (FORCE)", self.name())).await;
        }
    }
}

fn server() -> PgConnectOptions {
    let url = std::env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL names the server: scripts/postgres-for-tests run cargo test …");
    PgConnectOptions::from_str(&url).unwrap()
}

async fn administer(statement: String) {
    let mut connection = PgConnection::connect_with(&server()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Makes of each `async fn name(store: Arc<dyn Store>)` two tests, `sqlite::name` and
/// `postgres::name`.
macro_rules! over_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let database = $crate::support::Database::sqlite().await;
                    let store = database.open().await.unwrap();
                    super::$name(std::sync::Arc::clone(&store)).await;
                    store.close().await;
                    database.drop().await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
                async fn $name() {
                    let database = $crate::support::Database::postgres().await;
                    let store = database.open().await.unwrap();
                    super::$name(std::sync::Arc::clone(&store)).await;
                    store.close().await;
                    database.drop().await;
                }
            )+
        }
    };
}
pub(crate) use over_both_databases;
