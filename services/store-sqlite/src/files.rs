//! The database file, its lock, its write-ahead log and the connections to them.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Executor, Sqlite, SqlitePool, Transaction};
use store::StoreError;
use tokio::runtime::Handle;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::error::stored;
use crate::{SqliteOptions, rows, schema};

const READERS: u32 = 4;
/// How long a statement waits for a lock of another connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a checkpoint, which may hold the writer, waits for readers.
const CHECKPOINT_TIMEOUT: &str = "PRAGMA busy_timeout = 1000";
/// How often an erasure asks for the log to be emptied, each time waiting as long.
const TRUNCATE_TRIES: usize = 10;

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Opens a file, or makes one that only its owner may read, whatever the umask grants to others.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

/// Makes the empty database where there is none. SQLite gives its log and index the same mode.
pub(crate) fn create(path: &Path) -> Result<(), StoreError> {
    let made = private().append(true).open(path);
    made.map(drop).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))
}

/// The right of one process to the database, held until it is dropped.
pub(crate) struct FileLock(File);

impl FileLock {
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let unavailable = |why: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!("{}: {why}", path.display()))
        };
        let file = private().append(true).open(beside(path, ".lock"));
        let file = file.map_err(|error| unavailable(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(unavailable(
                &"another process has this database open; SQLite serves one process at a time",
            )),
            Err(TryLockError::Error(error)) => Err(unavailable(&error)),
        }
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        // sorts and statement journals would be files that erasure does not reach
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// A connection that may write.
pub(crate) async fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        // checkpoints run beside the writer, not in its commits
        .pragma("wal_autocheckpoint", "0")
        // a log that was copied shrinks with the next write, so its size tells what it holds
        .pragma("journal_size_limit", "0")
        .pragma("cache_size", "-65536")
        .connect()
        .await
        .map_err(stored)
}

type Slot = Mutex<Option<SqliteConnection>>;

/// The open database. Where both are taken, `checkpointer` is locked before `writer`.
pub(crate) struct Files {
    path: PathBuf,
    wal: PathBuf,
    options: SqliteOptions,
    writer: Slot,
    checkpointer: Slot,
    readers: SqlitePool,
    lock: FileLock,
}

/// The one connection that writes, until dropped.
pub(crate) struct Writer<'a> {
    connection: MappedMutexGuard<'a, SqliteConnection>,
    files: &'a Arc<Files>,
}

impl Writer<'_> {
    /// Begins a writing transaction; dropped without a commit, it is undone.
    pub(crate) async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, StoreError> {
        self.mend().await?;
        self.connection.begin_with("BEGIN IMMEDIATE").await.map_err(stored)
    }
}

impl Writer<'_> {
    /// After a full disk or a failed write SQLite itself undoes the transaction, and then the driver
    /// counts one that it can never end: such a connection begins nothing more, and is replaced.
    async fn mend(&mut self) -> Result<(), StoreError> {
        if !self.connection.is_in_transaction() {
            return Ok(());
        }
        // a transaction that was dropped is undone first; this waits for that
        if self.connection.ping().await.is_ok() && !self.connection.is_in_transaction() {
            return Ok(());
        }
        let fresh = connect(&self.files.path).await?;
        let broken = std::mem::replace(&mut *self.connection, fresh);
        tracing::warn!("the writing connection was replaced after a failed write");
        if let Err(error) = broken.close().await {
            tracing::debug!(%error, "the broken connection was not closed cleanly");
        }
        Ok(())
    }
}

/// Whoever leaves the log too large has it emptied, though nobody may write again for hours.
impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if self.files.log_size() > self.files.options.checkpoint_above
            && let Ok(runtime) = Handle::try_current()
        {
            // it ends by itself; one at a time
            runtime.spawn(Arc::clone(self.files).checkpoint());
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

impl Files {
    pub(crate) async fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        if !path.exists() {
            let path = path.display();
            let why = format!("there is no database at {path}; run `ingam migrate`");
            return Err(StoreError::Schema(why));
        }
        let lock = FileLock::take(path)?;
        let mut writer = connect(path).await?;
        schema::check(&mut writer).await?;
        let mut checkpointer = connect(path).await?;
        checkpointer.execute(CHECKPOINT_TIMEOUT).await.map_err(stored)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(self::options(path).read_only(true))
            .await
            .map_err(stored)?;
        let files = Self {
            path: path.to_owned(),
            wal: beside(path, "-wal"),
            options,
            writer: Mutex::new(Some(writer)),
            checkpointer: Mutex::new(Some(checkpointer)),
            readers,
            lock,
        };
        // bytes of an erasure that was cut short may stand in the log of an earlier process
        files.truncate_log().await?;
        Ok(files)
    }

    /// A connection to read one statement with.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(stored)
    }

    /// A view of the database that does not change while several statements read it.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.readers.begin().await.map_err(stored)
    }

    /// Waits for the writing connection.
    pub(crate) async fn writer(self: &Arc<Self>) -> Result<Writer<'_>, StoreError> {
        let slot = MutexGuard::try_map(self.writer.lock().await, Option::as_mut);
        slot.map(|connection| Writer { connection, files: self }).map_err(|_| closed())
    }

    /// The writing connection for intake, which is refused while the log is too large.
    pub(crate) async fn intake_writer(self: &Arc<Self>) -> Result<Writer<'_>, StoreError> {
        let writer = self.writer().await?;
        let size = self.log_size();
        if size > self.options.refuse_above {
            let why = format!("the write-ahead log has {size} bytes; it is being copied");
            return Err(StoreError::Unavailable(why));
        }
        Ok(writer)
    }

    fn log_size(&self) -> u64 {
        std::fs::metadata(&self.wal).map_or(0, |file| file.len())
    }

    /// Copies the log into the database beside the writer, then, with the writer held for the
    /// little that is left, empties it.
    async fn checkpoint(self: Arc<Self>) {
        let Ok(mut slot) = self.checkpointer.try_lock() else { return };
        let Some(connection) = slot.as_mut() else { return };
        let copied = run_checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)").await;
        let held = self.writer.lock().await;
        let emptied = match copied {
            Ok(_) => run_checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)").await,
            Err(error) => Err(error),
        };
        // given back before the writer, who else could find it taken and leave the log as it is
        drop(slot);
        drop(held);
        match emptied {
            Ok(true) => tracing::debug!("write-ahead log emptied"),
            Ok(false) => tracing::info!("write-ahead log not emptied: a reader is using it"),
            Err(error) => tracing::warn!(%error, "checkpoint failed"),
        }
    }

    /// Empties the log, so that nothing which was deleted stands in it.
    ///
    /// # Errors
    /// `Unavailable` when a reader keeps it in use.
    pub(crate) async fn truncate_log(&self) -> Result<(), StoreError> {
        let mut slot = self.checkpointer.lock().await;
        let connection = slot.as_mut().ok_or_else(closed)?;
        let _held = self.writer.lock().await;
        for _ in 0..TRUNCATE_TRIES {
            if run_checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)").await? {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("a reader keeps the write-ahead log in use".to_owned()))
    }

    pub(crate) async fn close(&self) {
        let checkpointer = self.checkpointer.lock().await.take();
        let writer = self.writer.lock().await.take();
        self.readers.close().await;
        // the last connection to close copies the log and removes it
        for connection in checkpointer.into_iter().chain(writer) {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "database not closed cleanly; its log is read at the next start");
            }
        }
        if let Err(error) = self.lock.0.unlock() {
            tracing::warn!(%error, "lock not given back before the process ends");
        }
    }
}

/// Whether the checkpoint was complete.
async fn run_checkpoint(
    connection: &mut SqliteConnection,
    pragma: &'static str,
) -> Result<bool, StoreError> {
    let busy: u8 =
        rows::one(connection, sqlx::query(pragma), |row| store::rows::count(row, "busy")).await?;
    Ok(busy == 0)
}
