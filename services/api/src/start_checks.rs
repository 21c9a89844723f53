//! Whether the chain was asked since this process started. Only it tells whether the database is older
//! than what was promised, so until then no position is given out. Reads go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::problem::{Problem, ProblemCode};

/// What a refused platform is asked to wait, in seconds.
const RETRY_S: u32 = 60;

/// Whether the checks of a start are passed. Clones share the answer.
#[derive(Debug, Clone, Default)]
pub struct StartChecks(Arc<AtomicBool>);

impl StartChecks {
    /// For a service that starts after them.
    #[must_use]
    pub fn passed() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// From here on badges are taken in.
    pub fn pass(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Why no position may be given out now, if so.
    pub(crate) fn refusal(&self) -> Option<Problem> {
        let is_passed = self.0.load(Ordering::Acquire);
        (!is_passed).then(|| {
            let detail = "no node of the chain has answered since the service was started, so that \
                          it could not be checked; reads go on";
            Problem::new(ProblemCode::PromiseAtRisk, detail).retry_after(RETRY_S)
        })
    }
}
