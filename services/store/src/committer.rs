//! Group commit: what queued while the last commit ran shares the next one. No timer.
//!
//! Single submissions go first; a bulk request is cut into slices of [`CommitterLimits::slice`]
//! rows, so that a single one waits for one slice at most. One committer per stream and process.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Accepted, StreamId, Submission};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::failpoint::abort_at;
use crate::{Claim, MAX_ACCEPT, Store, StoreError};

/// Bounds of the queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitterLimits {
    /// Single submissions that may wait.
    pub singles: usize,
    /// Bulk requests that may wait; as many more take turns.
    pub bulks: usize,
    /// Rows of a bulk request in one transaction, at most [`MAX_ACCEPT`].
    pub slice: usize,
}

impl Default for CommitterLimits {
    fn default() -> Self {
        Self { singles: 4096, bulks: 8, slice: 1000 }
    }
}

/// Why a submission was not stored, as far as is known.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntakeError {
    /// The queue is full: try again later.
    #[error("the intake queue is full")]
    Busy,
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopped,
    /// The database refused; parts of a bulk request may be stored, and a repeat finds them.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

struct Single {
    submission: Submission,
    claim: Option<Claim>,
    /// `None` when the claim was not free.
    answer: oneshot::Sender<Result<Option<Accepted>, IntakeError>>,
}

/// A bulk request, and what of it is stored.
struct Bulk {
    submissions: Vec<Submission>,
    done: Vec<Accepted>,
    answer: oneshot::Sender<Result<Vec<Accepted>, IntakeError>>,
}

/// The queue in front of [`crate::Intake::accept`]. Cheap to clone.
#[derive(Clone)]
pub struct Committer {
    singles: mpsc::Sender<Single>,
    bulks: mpsc::Sender<Bulk>,
}

impl Committer {
    /// Starts the committing task. It ends when all clones of the committer are dropped, after
    /// everything queued is stored and answered.
    #[must_use]
    pub fn start(
        store: Arc<dyn Store>,
        stream: StreamId,
        limits: CommitterLimits,
    ) -> (Self, JoinHandle<()>) {
        let (singles, single_queue) = mpsc::channel(limits.singles);
        let (bulks, bulk_queue) = mpsc::channel(limits.bulks);
        let slice = limits.slice.clamp(1, MAX_ACCEPT);
        let turns = Turns { queue: bulk_queue, most: limits.bulks, begun: VecDeque::new() };
        let task = Loop { store, stream, slice, single_queue, turns };
        (Self { singles, bulks }, tokio::spawn(task.run()))
    }

    /// Stores one submission, ahead of bulk requests; durable when it returns.
    ///
    /// # Errors
    /// [`IntakeError`]; nothing is stored then, unless the database's error says that this is
    /// unknown.
    pub async fn submit(&self, submission: Submission) -> Result<Accepted, IntakeError> {
        let accepted = self.submit_claiming(submission, None).await?;
        accepted.ok_or_else(|| IntakeError::Store(Arc::new(StoreError::KeyTaken)))
    }

    /// As [`Self::submit`], for a request with a name; `None` when the name was taken meanwhile, and
    /// nothing is stored.
    ///
    /// # Errors
    /// As [`Self::submit`].
    pub async fn submit_claiming(
        &self,
        submission: Submission,
        claim: Option<Claim>,
    ) -> Result<Option<Accepted>, IntakeError> {
        let (answer, answered) = oneshot::channel();
        let single = Single { submission, claim, answer };
        self.singles.try_send(single).map_err(|error| refused(&error))?;
        answered.await.map_err(|_| IntakeError::Stopped)?
    }

    /// Stores many; durable when it returns. Answers in input order.
    ///
    /// # Errors
    /// [`IntakeError`]; a part may be stored then, and a repeat finds it.
    pub async fn submit_bulk(
        &self,
        submissions: Vec<Submission>,
    ) -> Result<Vec<Accepted>, IntakeError> {
        if submissions.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = oneshot::channel();
        let bulk = Bulk { submissions, done: Vec::new(), answer };
        self.bulks.try_send(bulk).map_err(|error| refused(&error))?;
        answered.await.map_err(|_| IntakeError::Stopped)?
    }
}

fn refused<T>(error: &mpsc::error::TrySendError<T>) -> IntakeError {
    match error {
        mpsc::error::TrySendError::Full(_) => IntakeError::Busy,
        mpsc::error::TrySendError::Closed(_) => IntakeError::Stopped,
    }
}

struct Loop {
    store: Arc<dyn Store>,
    stream: StreamId,
    slice: usize,
    single_queue: mpsc::Receiver<Single>,
    turns: Turns,
}

/// Bulk requests take turns slice by slice.
struct Turns {
    queue: mpsc::Receiver<Bulk>,
    /// How many take turns; the others stay in the queue, whose end refuses more.
    most: usize,
    begun: VecDeque<Bulk>,
}

impl Turns {
    /// The request whose turn it is; never waits.
    fn next(&mut self) -> Option<Bulk> {
        loop {
            if self.begun.len() < self.most {
                self.begun.extend(self.queue.try_recv().ok());
            }
            let bulk = self.begun.pop_front()?;
            // nobody waits for it, and nothing of it is stored: as if it had never come
            if !(bulk.done.is_empty() && bulk.answer.is_closed()) {
                return Some(bulk);
            }
        }
    }
}

impl Loop {
    async fn run(mut self) {
        loop {
            let group = self.waiting_singles();
            if !group.is_empty() {
                self.commit_singles(group).await;
            } else if let Some(bulk) = self.turns.next() {
                self.commit_slice(bulk).await;
            } else if !self.wait().await {
                return;
            }
        }
    }

    /// Takes what is queued now; never waits.
    fn waiting_singles(&mut self) -> Vec<Single> {
        let queued = std::iter::from_fn(|| self.single_queue.try_recv().ok());
        queued.take(MAX_ACCEPT - 1).collect()
    }

    /// Waits for work; `false` when there will be none.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            biased;
            Some(single) = self.single_queue.recv() => {
                let mut group = self.waiting_singles();
                group.insert(0, single);
                self.commit_singles(group).await;
                true
            }
            Some(bulk) = self.turns.queue.recv() => {
                self.turns.begun.push_back(bulk);
                true
            }
            else => false,
        }
    }

    async fn commit_singles(&self, group: Vec<Single>) {
        let (mut rows, mut claims, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for Single { submission, claim, answer } in group {
            rows.push(submission);
            claims.push(claim);
            answers.push(answer);
        }
        // a caller that is gone does not hear of it; its badge is stored all the same
        // crash: nothing is stored and nobody was answered; the client's repeat is the first
        abort_at("before-accept");
        match self.store.accept_claiming(self.stream, &rows, &claims).await {
            Ok(accepted) => {
                // crash: all is stored and nobody was answered; a repeat gets the same promise
                abort_at("after-accept");
                for (answer, accepted) in answers.into_iter().zip(accepted) {
                    let _ = answer.send(Ok(accepted));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for answer in answers {
                    let _ = answer.send(Err(IntakeError::Store(Arc::clone(&error))));
                }
            }
        }
    }

    async fn commit_slice(&mut self, mut bulk: Bulk) {
        let rest = &bulk.submissions[bulk.done.len()..];
        let slice = &rest[..rest.len().min(self.slice)];
        abort_at("before-accept");
        match self.store.accept(self.stream, slice).await {
            Ok(accepted) => {
                abort_at("after-accept");
                bulk.done.extend(accepted);
            }
            Err(error) => {
                let _ = bulk.answer.send(Err(IntakeError::Store(Arc::new(error))));
                return;
            }
        }
        if bulk.done.len() == bulk.submissions.len() {
            let _ = bulk.answer.send(Ok(bulk.done));
        } else {
            self.turns.begun.push_back(bulk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::IssuerId;
    use proof::{Hash, Rule, Timestamp};

    type Answered = oneshot::Receiver<Result<Vec<Accepted>, IntakeError>>;

    /// Told apart by its number of rows.
    fn bulk(rows: usize) -> (Bulk, Answered) {
        let submission = Submission {
            issuer: IssuerId(1),
            rule: Rule::Opaque,
            digest: Hash::ZERO,
            id_tag: None,
            salt: Hash::ZERO,
            accepted_at: Timestamp::default(),
            window_started_at: None,
            external_id: None,
            public_lookup: false,
            recipient: None,
            metadata: None,
        };
        let (answer, answered) = oneshot::channel();
        (Bulk { submissions: vec![submission; rows], done: Vec::new(), answer }, answered)
    }

    #[test]
    fn so_many_take_turns_and_the_others_stay_in_the_queue() {
        let (sender, queue) = mpsc::channel(2);
        let mut turns = Turns { queue, most: 2, begun: VecDeque::new() };
        let mut answers = Vec::new();
        let mut send = |rows| {
            let (bulk, answered) = bulk(rows);
            answers.push(answered);
            sender.try_send(bulk).is_ok()
        };
        let mut order = Vec::new();
        for rows in 1..=4 {
            assert!(send(rows));
            let bulk = turns.next().unwrap();
            order.push(bulk.submissions.len());
            turns.begun.push_back(bulk);
        }
        assert_eq!(order, [1, 1, 2, 1]);
        assert_eq!((turns.begun.len(), turns.queue.len()), (2, 2));
        assert!(!send(5));
    }

    #[test]
    fn what_nobody_waits_for_is_not_begun() {
        let (sender, queue) = mpsc::channel(2);
        let mut turns = Turns { queue, most: 2, begun: VecDeque::new() };
        let ((left, gone), (wanted, _waiting)) = (bulk(1), bulk(2));
        drop(gone);
        sender.try_send(left).map_err(|_| "full").unwrap();
        sender.try_send(wanted).map_err(|_| "full").unwrap();
        assert_eq!(turns.next().map(|bulk| bulk.submissions.len()), Some(2));
        assert!(turns.next().is_none());
    }
}
