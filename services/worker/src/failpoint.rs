//! Places where a test lets the worker die.
//!
//! A failpoint sits between two effects. In a process it is armed by the environment variable
//! `INGAM_FAILPOINT` and aborts; in a test it is armed on [`Failpoints`] and ends the step with an
//! error, after which the test drops the worker as a crash would. Release builds have neither.

use std::sync::Mutex;

use crate::StepError;

/// All failpoints, in the order of a batch's life.
pub const FAILPOINTS: [&str; 11] = [
    "before-cut",
    "after-cut",
    "between-tiles-and-seal",
    "after-seal",
    "after-sign",
    "after-prepare",
    "after-send",
    "after-bump",
    "before-observe",
    "after-observe",
    "after-conclude",
];

/// Which failpoint is armed in this worker; it fires once.
#[derive(Debug, Default)]
pub struct Failpoints {
    armed: Mutex<Option<&'static str>>,
}

impl Failpoints {
    /// Arms one of [`FAILPOINTS`].
    pub fn arm(&self, name: &'static str) {
        debug_assert!(FAILPOINTS.contains(&name), "unknown failpoint {name}");
        *self.lock() = Some(name);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<&'static str>> {
        self.armed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Dies here when armed.
    pub(crate) fn hit(&self, name: &'static str) -> Result<(), StepError> {
        debug_assert!(FAILPOINTS.contains(&name), "unknown failpoint {name}");
        if !cfg!(debug_assertions) {
            return Ok(());
        }
        if std::env::var_os("INGAM_FAILPOINT").is_some_and(|armed| armed == name) {
            std::process::abort();
        }
        let mut armed = self.lock();
        if *armed == Some(name) {
            *armed = None;
            return Err(StepError::Failpoint(name));
        }
        Ok(())
    }
}
