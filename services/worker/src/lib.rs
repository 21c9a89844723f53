//! From open badges to final anchors, and from mint requests to tokens: `plan` decides, `step` acts
//! once, `run` repeats. What others did on chain is followed beside it.
//!
//! The worker holds no state that matters: each step is a function of database rows and chain
//! facts, so a crash at any instruction equals "the next step was not taken", and a restart has no
//! path of its own.

pub mod audit;
mod balance_watch;
mod desk;
mod error;
mod failpoint;
mod fees;
mod finality_watch;
mod following;
mod halting;
mod known_time;
mod log_proof;
mod log_sealing;
mod plan;
mod promise_watch;
mod restoring;
mod run;
mod step;
mod unfinished;
mod view;

pub use balance_watch::{BalanceWatch, Forecast, Funds, FundsLevel};
pub use error::StepError;
pub use failpoint::{FAILPOINTS, Failpoints};
pub use fees::FeeSampler;
pub use finality_watch::FinalityWatch;
pub use following::Follower;
pub use log_proof::prove_log_row;
pub use log_sealing::{LogSealer, seal_log};
pub use plan::{SealingStep, SigningStep, gathering, plan_sealing, plan_signing, sending};
pub use promise_watch::{PromiseWatch, WatchParts};
pub use restoring::{Adopted, Restoring};
pub use run::{Pace, Parts, Progress, Worker};
pub use unfinished::seal_unfinished;
pub use view::{Answer, ChainView, Delivery, FeeView, Look, Pacing, Policy, View};
