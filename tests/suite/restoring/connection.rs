//! The way to the database breaks in a commit, before or after it was done: only reading again tells.
//! On PostgreSQL, behind a proxy that cuts connections; an embedded database has none to lose.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::Acceptance;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use store::{Store, StoreError, TimeSource};
use store_postgres::{PostgresOptions, PostgresStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::support::{Database, Service};

/// When a connection is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The commit never arrives.
    BeforeCommit,
    /// It is done, and its answer is lost.
    AfterCommit,
}

/// Cuts the next so many connections that commit.
struct Proxy {
    directory: TempDir,
    cut: Cut,
    left: AtomicUsize,
}

const PORT: u16 = 5432;

impl Proxy {
    /// Passes on to the server whose socket is in `directory`.
    fn before(server: PathBuf, cut: Cut) -> Arc<Self> {
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(socket(directory.path(), PORT)).unwrap();
        let proxy = Arc::new(Self { directory, cut, left: AtomicUsize::new(0) });
        let accepting = Arc::clone(&proxy);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (proxy, server) = (Arc::clone(&accepting), server.clone());
                tokio::spawn(async move { proxy.pass(client, &server).await });
            }
        });
        proxy
    }

    fn cut_next(&self, connections: usize) {
        self.left.store(connections, Ordering::SeqCst);
    }

    fn is_to_cut(&self, said: &[u8]) -> bool {
        // a transaction begins with READ COMMITTED: the statement alone ends so
        let commits = said.windows(7).any(|word| word == b"COMMIT\0");
        let one_less = |left: usize| left.checked_sub(1);
        commits && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
    }

    /// Ends, and thereby cuts both ways, with either side or as it was told.
    async fn pass(&self, mut client: UnixStream, server: &Path) {
        let Ok(mut server) = UnixStream::connect(server).await else { return };
        let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let Ok(count @ 1..) = read else { return };
                    let cut = self.is_to_cut(&asked[..count]);
                    if cut && self.cut == Cut::BeforeCommit {
                        return;
                    }
                    if server.write_all(&asked[..count]).await.is_err() {
                        return;
                    }
                    if cut {
                        // the answer says that it is done; nobody hears it
                        let _ = server.read(&mut answered).await;
                        return;
                    }
                }
                read = server.read(&mut answered) => {
                    let Ok(count @ 1..) = read else { return };
                    if client.write_all(&answered[..count]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn open(&self, database: &Database) -> Arc<dyn Store> {
        let location = PgConnectOptions::from_str(&database.location()).unwrap();
        let through = location.socket(self.directory.path()).port(PORT);
        let url = through.to_url_lossy().to_string();
        let options = PostgresOptions {
            max_connections: 4,
            time: TimeSource::Clock,
            ..PostgresOptions::default()
        };
        Arc::new(PostgresStore::connect(&url, options).await.unwrap())
    }
}

fn socket(directory: &Path, port: u16) -> PathBuf {
    directory.join(format!(".s.PGSQL.{port}"))
}

async fn behind_a_proxy(cut: Cut) -> (Database, Arc<Proxy>, Arc<dyn Store>) {
    let database = Database::postgres().await;
    let location = PgConnectOptions::from_str(&database.location()).unwrap();
    let server = socket(location.get_socket().expect("a socket"), location.get_port());
    let proxy = Proxy::before(server, cut);
    let store = proxy.open(&database).await;
    (database, proxy, store)
}

async fn a_submission_is_repeated(cut: Cut, then: Acceptance) {
    let (database, proxy, store) = behind_a_proxy(cut).await;
    let service = Service::on(Arc::clone(&store)).await;
    let submission = service.submission();
    let accept = || store.accept(service.stream.id, std::slice::from_ref(&submission));
    proxy.cut_next(1);
    let lost = accept().await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "no receipt: {lost:?}");
    let again = accept().await.unwrap();
    assert_eq!(again[0].acceptance, then);
    let known = accept().await.unwrap();
    assert_eq!((known[0].position, known[0].salt), (again[0].position, again[0].salt));
    assert_eq!(store.counts().await.unwrap().positions, 1);
    store.close().await;
    database.drop().await;
}

async fn work_goes_on(cut: Cut) {
    let (database, proxy, store) = behind_a_proxy(cut).await;
    let mut service = Service::on(Arc::clone(&store)).await;
    for cuts in 1..=6 {
        service.submit(2).await;
        service.grow_old();
        proxy.cut_next(cuts);
        // a round that ends early is taken again at the next block
        service.blocks(8).await;
        proxy.cut_next(0);
        service.until_final().await;
    }
    service.assert_kept().await;
    store.close().await;
    drop(service);
    database.drop().await;
}

macro_rules! on_postgres {
    ($($name:ident => $test:expr),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
            async fn $name() {
                $test.await;
            }
        )+
    };
}

on_postgres!(
    a_commit_whose_answer_is_lost_is_found_by_its_natural_key =>
        a_submission_is_repeated(Cut::AfterCommit, Acceptance::Known),
    a_commit_that_never_arrived_is_done_by_the_repeat =>
        a_submission_is_repeated(Cut::BeforeCommit, Acceptance::New),
    a_worker_that_loses_answers_of_commits_has_each_effect_once => work_goes_on(Cut::AfterCommit),
    a_worker_that_loses_commits_has_each_effect_once => work_goes_on(Cut::BeforeCommit),
);
