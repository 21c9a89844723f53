//! From open badges to final anchors, and from mint requests to tokens: `plan` decides, `step` acts
//! once, `run` repeats. What others did on chain is followed beside it.
//!
//! The worker holds no state that matters: each step is a function of database rows and chain
//! facts, so a crash at any instruction equals "the next step was not taken", and a restart has no
//! path of its own.

pub mod audit;
mod desk;
mod error;
mod failpoint;
mod finality_watch;
mod following;
mod halting;
mod plan;
mod run;
mod step;
mod view;

pub use error::StepError;
pub use failpoint::{FAILPOINTS, Failpoints};
pub use finality_watch::FinalityWatch;
pub use following::Follower;
pub use halting::nonces_ahead;
pub use plan::{SealingStep, SigningStep, gathering, plan_sealing, plan_signing, sending};
pub use run::{Pace, Parts, Progress, Worker};
pub use view::{Answer, ChainView, Delivery, FeeView, Look, Pacing, Policy, View};
