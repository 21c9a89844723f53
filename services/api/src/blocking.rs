//! Work of tens of milliseconds, too long for a thread that serves others.

use tokio::sync::SemaphorePermit;

use crate::problem::{Answer, Problem, ProblemCode};
use crate::service::Service;

/// Does it on a thread of its own.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a request's work was lost");
        Problem::new(ProblemCode::Internal, "the request's work was lost; repeat it")
    })
}

/// One of the few places for badges that may be images; held while one is worked on, never while
/// its bytes are still coming.
pub(crate) fn place_for_an_image(service: &Service) -> Answer<SemaphorePermit<'_>> {
    service.image_places.try_acquire().map_err(|_| {
        let detail = "too many badges at once";
        Problem::new(ProblemCode::Unavailable, detail).retry_after(1)
    })
}
