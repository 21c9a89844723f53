//! Work of tens of milliseconds, too long for a thread that serves others.

use crate::problem::{Answer, Problem, ProblemCode};

/// Does it on a thread of its own.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a request's work was lost");
        Problem::new(ProblemCode::Internal, "the request's work was lost; repeat it")
    })
}
