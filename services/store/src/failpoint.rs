//! Where a process dies on demand, so that tests see what a crash between two effects leaves behind.
//!
//! A build without debug assertions has none of it: neither the variable's name nor the call.

/// Names the place in a process that is to abort.
#[cfg(debug_assertions)]
const VARIABLE: &str = "INGAM_FAILPOINT";

/// Aborts the process when the environment variable `INGAM_FAILPOINT` names this place.
#[cfg(debug_assertions)]
pub fn abort_at(name: &str) {
    if std::env::var_os(VARIABLE).is_some_and(|armed| armed == name) {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub const fn abort_at(_: &str) {}
