//! Places where a test lets the worker die.
//!
//! A failpoint sits between two effects. In a process it is armed by the environment variable
//! `INGAM_FAILPOINT` and aborts; in a test it is armed on [`Failpoints`] and ends the step with an
//! error, after which the test drops the worker as a crash would. A build without debug assertions
//! has neither.

use crate::StepError;

/// All failpoints of the worker, in the order of a batch's life. Intake has two more,
/// `before-accept` and `after-accept` around its commit.
pub const FAILPOINTS: [&str; 22] = [
    "before-cut",
    "after-cut",
    "before-tiles",
    "between-tiles-and-seal",
    "after-seal",
    "before-block",
    "after-block",
    "before-split",
    "after-split",
    "before-sign",
    "after-sign",
    "after-prepare",
    "after-send",
    "before-bump",
    "after-bump",
    "before-observe",
    "after-read",
    "after-observe",
    "before-conclude",
    "after-conclude",
    "before-follow",
    "after-follow",
];

/// Which failpoint is armed in this worker; it fires once.
#[derive(Debug, Default)]
pub struct Failpoints {
    #[cfg(debug_assertions)]
    armed: std::sync::Mutex<Option<&'static str>>,
}

#[cfg(debug_assertions)]
impl Failpoints {
    /// Arms one of [`FAILPOINTS`].
    pub fn arm(&self, name: &'static str) {
        assert!(FAILPOINTS.contains(&name), "unknown failpoint {name}");
        *self.lock() = Some(name);
    }

    /// Whether what was armed has not fired yet.
    #[must_use]
    pub fn is_armed(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<&'static str>> {
        self.armed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Dies here when armed.
    pub(crate) fn hit(&self, name: &'static str) -> Result<(), StepError> {
        debug_assert!(FAILPOINTS.contains(&name), "unknown failpoint {name}");
        store::failpoint::abort_at(name);
        let mut armed = self.lock();
        if *armed == Some(name) {
            *armed = None;
            return Err(StepError::Failpoint(name));
        }
        Ok(())
    }
}

#[cfg(not(debug_assertions))]
impl Failpoints {
    /// Nothing.
    #[expect(clippy::unnecessary_wraps, reason = "the same as where there are failpoints")]
    pub(crate) const fn hit(&self, _: &'static str) -> Result<(), StepError> {
        Ok(())
    }
}
