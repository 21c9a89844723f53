//! Makes a failing schedule short: its shortest prefix that still fails, then without every event
//! that is not needed. Any failure will do; often it is the same one, sooner.

use std::fmt::Write as _;

use super::schedule::Event;
use super::trial::{Backend, Failure, trial};

/// Trials at most.
const TRIALS: usize = 250;

struct Shrinking {
    backend: Backend,
    trials: usize,
    shortest: Vec<Event>,
    failure: Failure,
}

/// The text of a case for `found.rs`, and why it fails.
pub(super) async fn shortest(backend: Backend, schedule: &[Event], failure: &Failure) -> String {
    let shortest = schedule[..failure.events].to_vec();
    let failure = failure.clone();
    let mut shrinking = Shrinking { backend, trials: 0, shortest, failure };
    shrinking.cut_the_end().await;
    shrinking.leave_out().await;
    let mut text = String::new();
    for event in &shrinking.shortest {
        write!(text, "\n    {event:?},").unwrap();
    }
    write!(text, "\n{}", shrinking.failure).unwrap();
    text
}

impl Shrinking {
    /// Keeps the schedule if it fails.
    async fn fails(&mut self, schedule: Vec<Event>) -> bool {
        self.trials += 1;
        match trial(self.backend, &schedule).await {
            Ok(_) => false,
            Err(failure) => {
                self.shortest = schedule;
                self.failure = failure;
                true
            }
        }
    }

    /// The shortest prefix that fails, by halves: a failure in the end may lie far back.
    async fn cut_the_end(&mut self) {
        let (mut passes, mut fails) = (0, self.shortest.len());
        while fails - passes > 1 && self.trials < TRIALS {
            let middle = usize::midpoint(passes, fails);
            if self.fails(self.shortest[..middle].to_vec()).await {
                fails = middle;
            } else {
                passes = middle;
            }
        }
    }

    /// Leaves out runs of events, ever shorter ones.
    async fn leave_out(&mut self) {
        let mut run = self.shortest.len().div_ceil(2);
        loop {
            let mut at = 0;
            while at < self.shortest.len() && self.trials < TRIALS {
                let mut without = self.shortest.clone();
                without.drain(at..without.len().min(at + run));
                if !self.fails(without).await {
                    at += run;
                }
            }
            if run <= 1 {
                return;
            }
            run = run.div_ceil(2);
        }
    }
}
