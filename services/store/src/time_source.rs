//! Whose time a lease runs by.

/// Whose time a lease runs by: workers on several hosts agree on the database's only. (An embedded
/// database has one process and one clock, and runs by the calls'.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeSource {
    /// The database's.
    #[default]
    Database,
    /// The `now` of each call, so that a test moves it.
    Clock,
}
