//! One HTTP listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long open requests may take once the service is stopping.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a client may take to send the head of a request, and an idle connection may stay.
const HEAD: Duration = Duration::from_secs(20);
/// Connections open at once; further ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 8192;
/// After the system had no descriptor for a connection.
const BREATHER: Duration = Duration::from_millis(100);

/// A bound socket: a port that is taken is a refusal to start, not a part that ends later.
pub(crate) struct Listener(TcpListener);

impl Listener {
    /// # Errors
    /// The address is taken or not ours.
    pub(crate) async fn bind(what: &str, address: SocketAddr) -> anyhow::Result<Self> {
        let bound = TcpListener::bind(address).await;
        let listener =
            bound.with_context(|| format!("cannot listen on {address} for the {what}"))?;
        tracing::info!(address = %listener.local_addr()?, what, "listening");
        Ok(Self(listener))
    }

    /// Serves until `stop`, then lets open requests finish; clients that dawdle are left alone.
    pub(crate) async fn serve(self, router: Router, stop: CancellationToken) {
        let open = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        while let Some((stream, peer, place)) = self.next(&room, &stop).await {
            let router = router.clone();
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let mut request: Request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                router.clone().oneshot(request)
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .serve_connection(TokioIo::new(stream), service);
            let served = open.watch(connection);
            tokio::spawn(async move {
                // a client that breaks off is no fault of the service
                if let Err(error) = served.await {
                    tracing::debug!(%error, "connection ended");
                }
                drop(place);
            });
        }
        if tokio::time::timeout(DRAIN, open.shutdown()).await.is_err() {
            tracing::warn!("some clients did not finish their requests within {DRAIN:?}");
        }
    }

    /// The next connection and its place among [`MAX_CONNECTIONS`]; `None` once stopping.
    async fn next(
        &self,
        room: &Arc<Semaphore>,
        stop: &CancellationToken,
    ) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        loop {
            let accepted = async {
                let place = Arc::clone(room).acquire_owned().await;
                (self.0.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                accepted = accepted => accepted,
            };
            match (accepted, place) {
                (Ok((stream, peer)), Ok(place)) => return Some((stream, peer, place)),
                (Err(error), _) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(BREATHER).await;
                }
                // the semaphore is never closed
                (_, Err(_)) => return None,
            }
        }
    }
}
