//! From a recipient's address to a token, and what others do with it, on both databases.

mod auditing;
mod blocked;
mod faults;
mod following;
mod story;
