//! A trace of base fees, replayed through the rules that the worker decides by: what badges would have
//! cost, and how long they would have waited.

mod replay;
mod report;
#[cfg(test)]
mod tests;
mod trace;

pub(crate) use replay::{Outcome, Setup, Strategy, replay};
pub(crate) use report::{json, table};
pub(crate) use trace::Trace;
