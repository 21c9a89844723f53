//! The end-to-end tests. One binary; each module is a story, and this listing is the test plan.

mod architecture;
mod faults;
mod store;
mod story;
mod support;
