//! `/v1/badges`: intake, and what a platform may do with its own badges.

pub(crate) mod admission;
pub(crate) mod bulk;
mod bulk_answer;
mod change;
pub(crate) mod erase;
pub(crate) mod list;
mod own;
pub(crate) mod raw;
pub(crate) mod read_badge;
pub(crate) mod recipient;
pub(crate) mod revoke;
pub(crate) mod status;
pub(crate) mod submission;
pub(crate) mod submit;
