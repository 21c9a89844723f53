//! A caller that is stopped in the middle of a call, as a process by SIGSTOP, and goes on later.

use std::future::poll_fn;
use std::task::Poll;

use super::SimulatedChain;

/// Who is to be stopped.
#[derive(Debug, Default)]
pub(super) enum Hold {
    #[default]
    Nobody,
    /// Whoever makes the call after this many.
    After(u32),
    /// Somebody is.
    Caught,
}

impl SimulatedChain {
    /// Of the calls to come, lets `calls` pass and stops the caller of the next one, before the node
    /// hears of it, until [`SimulatedChain::release`]. Later callers are not stopped.
    pub fn hold_after(&self, calls: u32) {
        self.lock().hold = Hold::After(calls);
    }

    /// Ends when a caller is stopped. It wakes nobody: wait for it beside the caller, in one task.
    pub async fn held(&self) {
        poll_fn(|_| match self.lock().hold {
            Hold::Caught => Poll::Ready(()),
            Hold::Nobody | Hold::After(_) => Poll::Pending,
        })
        .await;
    }

    /// Whoever is stopped goes on when it is polled; nobody else will be stopped.
    pub fn release(&self) {
        self.lock().hold = Hold::Nobody;
    }

    /// Where a caller is stopped.
    pub(super) async fn pass(&self) {
        {
            let hold = &mut self.lock().hold;
            match hold {
                Hold::Nobody | Hold::Caught => return,
                Hold::After(0) => *hold = Hold::Caught,
                Hold::After(calls) => {
                    *calls -= 1;
                    return;
                }
            }
        }
        poll_fn(|_| match self.lock().hold {
            Hold::Caught => Poll::Pending,
            Hold::Nobody | Hold::After(_) => Poll::Ready(()),
        })
        .await;
    }
}
