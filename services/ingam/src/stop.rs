//! When to stop: SIGTERM or SIGINT begins it, a second one ends the process at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Tells every part to take no new work.
#[derive(Clone)]
pub(crate) struct Stop(CancellationToken);

/// As a shell reports a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

impl Stop {
    /// # Errors
    /// The system refuses to hand over signals.
    pub(crate) fn on_signals() -> anyhow::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stop = Self(CancellationToken::new());
        let begun = stop.clone();
        tokio::spawn(async move {
            for first in [true, false] {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if first {
                    tracing::info!("stopping: no new work, finishing what is in hand");
                    begun.begin();
                }
            }
            std::process::exit(INTERRUPTED);
        });
        Ok(stop)
    }

    pub(crate) fn begin(&self) {
        self.0.cancel();
    }

    pub(crate) async fn begun(&self) {
        self.0.cancelled().await;
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    pub(crate) fn token(&self) -> CancellationToken {
        self.0.clone()
    }
}
