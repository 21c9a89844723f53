//! One HTTP listener.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long open requests may take once the service is stopping.
const DRAIN: Duration = Duration::from_secs(5);

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

    /// Serves until `stop`, then lets open requests finish; clients that dawdle are left alone.
    ///
    /// # Errors
    /// The socket broke.
    pub(crate) async fn serve(self, router: Router, stop: CancellationToken) -> anyhow::Result<()> {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let too_late = stop.clone();
        let served = axum::serve(self.0, service).with_graceful_shutdown(stop.cancelled_owned());
        tokio::select! {
            served = served.into_future() => Ok(served?),
            () = async {
                too_late.cancelled().await;
                tokio::time::sleep(DRAIN).await;
            } => {
                tracing::warn!("some clients did not finish their requests within {DRAIN:?}");
                Ok(())
            }
        }
    }
}
