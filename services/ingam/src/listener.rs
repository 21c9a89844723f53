//! One HTTP listener.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A bound socket: a port that is taken is a refusal to start, not a part that ends later.
pub(crate) struct Listener(TcpListener);

impl Listener {
    /// # Errors
    /// The address is taken or not ours.
    pub(crate) async fn bind(what: &str, address: SocketAddr) -> anyhow::Result<Self> {
        let bound = TcpListener::bind(address).await;
        let listener =
            bound.with_context(|| format!("cannot listen on {address} for the {what}"))?;
        tracing::info!(address = %listener.local_addr()?, "{what} listens");
        Ok(Self(listener))
    }

    /// Serves until `stop`, then lets open requests finish.
    ///
    /// # Errors
    /// The socket broke.
    pub(crate) async fn serve(self, router: Router, stop: CancellationToken) -> anyhow::Result<()> {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.0, service).with_graceful_shutdown(stop.cancelled_owned());
        Ok(served.await?)
    }
}
