//! The tasks of a process, and their orderly end.

use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::task::{JoinHandle, JoinSet};

use crate::stop::Stop;

/// For submissions that are queued when the listeners have ended.
const COMMIT: Duration = Duration::from_secs(2);

/// The tasks of the process.
#[derive(Default)]
pub(super) struct Parts {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    pub(super) committer: Option<JoinHandle<()>>,
}

impl Parts {
    pub(super) fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    pub(super) async fn until_stopped(&mut self, stop: &Stop) -> anyhow::Result<()> {
        tokio::select! {
            // a part may end on the signal before this sees it
            biased;
            () = stop.begun() => Ok(()),
            Some(ended) = self.tasks.join_next() => match ended {
                Ok((_, Ok(()))) if stop.has_begun() => Ok(()),
                Ok((name, Ok(()))) => bail!("the {name} ended by itself"),
                Ok((name, Err(error))) => Err(error).context(name),
                Err(error) => Err(error).context("a part of the service panicked"),
            },
        }
    }

    pub(super) async fn end(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok((_, Ok(()))) => {}
                Ok((part, Err(error))) => tracing::error!(part, "ended with an error: {error:#}"),
                Err(error) => tracing::error!(%error, "a part of the service panicked"),
            }
        }
        // it ends with the last request that may use it, after answering what was queued; a client
        // that dawdles holds one, and has nothing queued
        let Some(committer) = self.committer.take() else { return };
        if let Ok(Err(error)) = tokio::time::timeout(COMMIT, committer).await {
            tracing::error!(%error, "the committer panicked");
        }
    }
}
