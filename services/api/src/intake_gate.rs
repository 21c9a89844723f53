//! A promise at risk closes intake to new badges, never reads, and never a repeat of a badge that
//! is known already.

use domain::PromiseStatus;

use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::Recent;
use crate::service::Service;

/// How old the figures may be, in milliseconds.
const STATUS_MEMORY_MS: i64 = 2_000;
/// What a refused platform is asked to wait, in seconds.
const CLOSED_RETRY_S: u32 = 60;

pub(crate) struct PromiseWatch(Recent<(), PromiseStatus>);

impl PromiseWatch {
    pub(crate) fn new() -> Self {
        Self(Recent::new(STATUS_MEMORY_MS, 1))
    }

    /// The promise as a whole, at most two seconds old.
    pub(crate) async fn status(&self, service: &Service) -> Answer<PromiseStatus> {
        let now = service.now();
        let read = async { Ok(service.store().promise_status(now).await?) };
        self.0.get_or_read((), now, read).await
    }

    /// Why no new badge may be taken now, if so.
    pub(crate) async fn refusal(&self, service: &Service) -> Answer<Option<Problem>> {
        if let Some(problem) = service.restored.refusal(service).await? {
            return Ok(Some(problem));
        }
        let status = self.status(service).await?;
        let limit = service.now().plus_millis(service.state.config.at_risk_ms);
        let near = status.next_deadline_at.is_some_and(|deadline| deadline < limit);
        if status.overdue == 0 && !near {
            return Ok(None);
        }
        let detail = "badges accepted earlier must be anchored first; reads go on";
        Ok(Some(Problem::new(ProblemCode::PromiseAtRisk, detail).retry_after(CLOSED_RETRY_S)))
    }
}
