//! A database that may be older than what was promised takes nothing in until an administrator has
//! looked: its next positions were perhaps given out before. Reads go on.

use store::HaltReason;

use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::Recent;
use crate::service::Service;

/// How old the answer may be, in milliseconds. A start finds such a database before it listens.
const MEMORY_MS: i64 = 2_000;
/// What a refused platform is asked to wait, in seconds.
const RETRY_S: u32 = 300;

pub(crate) struct RestoreWatch(Recent<(), bool>);

impl RestoreWatch {
    pub(crate) fn new() -> Self {
        Self(Recent::new(MEMORY_MS, 1))
    }

    /// Why no position may be given out now, if so.
    pub(crate) async fn refusal(&self, service: &Service) -> Answer<Option<Problem>> {
        if let Some(problem) = service.state.start_checks.refusal() {
            return Ok(Some(problem));
        }
        let read = async {
            let halts = service.store().halts(service.state.stream.chain_id).await?;
            Ok(halts.iter().any(|halt| halt.reason == HaltReason::Restored))
        };
        let is_restored = self.0.get_or_read((), service.now(), read).await?;
        Ok(is_restored.then(|| {
            let detail = "the service is being restored from a backup; reads go on";
            Problem::new(ProblemCode::PromiseAtRisk, detail).retry_after(RETRY_S)
        }))
    }
}
