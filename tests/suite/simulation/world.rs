//! A service of two processes, and what each event does to it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chain::Chain as _;
use chain::simulated::{Read, ReadFault, SendFault};
use chain::{SendError, Sent};
use domain::{Acceptance, Batch, Clock, ManualClock, Position, RevocationReason, Submission};
use proof::{Hash, Timestamp};
use store::{Erasure, RevocationRequest, Store};
use worker::{FinalityWatch, Follower, Progress, StepError, Worker};

use super::invariants::Invariants;
use super::schedule::{Event, PROCESSES};
use crate::support::{COLLECTIONS, Service, owner};

pub(super) const GWEI: u128 = 1_000_000_000;
const MINUTE_MS: i64 = 60_000;
/// So much of the promise's day may be waited for nothing.
const MINUTES_TO_WAIT: i64 = 600;
/// More than any honest process needs at one head.
const MOST_ROUNDS: usize = 80;
/// What everybody has who is not poor, in wei.
const RICH: u128 = 1_000_000_000 * GWEI;

/// A host's clock.
struct HostClock {
    right: Arc<ManualClock>,
    wrong_by_ms: AtomicI64,
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        self.right.now().plus_millis(self.wrong_by_ms.load(Ordering::SeqCst))
    }
}

/// What a process has in memory.
struct Memory {
    worker: Worker,
    follower: Follower,
    watch: FinalityWatch,
}

type Run = Pin<Box<dyn Future<Output = (Box<Memory>, Result<(), StepError>)> + Send>>;

enum State {
    Running(Box<Memory>),
    /// In the middle of a round.
    Stopped(Run),
}

struct Process {
    clock: Arc<HostClock>,
    /// `None` while it is being driven.
    state: Option<State>,
}

pub(super) struct World {
    pub(super) service: Service,
    processes: Vec<Process>,
    invariants: Invariants,
    submitted: Vec<Submission>,
    minutes_to_wait: i64,
    denied: Option<Read>,
    /// The highest block that was ever final.
    final_height: u64,
}

impl World {
    pub(super) async fn on(store: Arc<dyn Store>) -> Self {
        let service = Service::minting(store).await;
        service.chain.set_finality_lag(3);
        let process = |number| {
            let right = Arc::clone(&service.clock);
            let clock = Arc::new(HostClock { right, wrong_by_ms: AtomicI64::new(0) });
            let state = Some(State::Running(started(&service, number, &clock)));
            Process { clock, state }
        };
        let processes = (0..PROCESSES).map(process).collect();
        Self {
            service,
            processes,
            invariants: Invariants::default(),
            submitted: Vec::new(),
            minutes_to_wait: MINUTES_TO_WAIT,
            denied: None,
            final_height: 0,
        }
    }

    /// Lets it happen; afterwards everything that must hold at any time holds.
    pub(super) async fn step(&mut self, event: Event) {
        self.happen(event).await;
        self.check(event.may_write()).await;
    }

    async fn check(&mut self, stored: bool) {
        self.final_height = self.final_height.max(self.service.chain.final_height());
        self.invariants.check(&self.service, self.final_height, stored).await;
    }

    async fn happen(&mut self, event: Event) {
        let chain = Arc::clone(&self.service.chain);
        let signer = self.service.signer.address;
        match event {
            Event::Submit { .. }
            | Event::SubmitFor { .. }
            | Event::Bulk
            | Event::Repeat { .. }
            | Event::RequestMint { .. }
            | Event::Revoke { .. }
            | Event::Erase { .. }
            | Event::Wait { .. } => self.by_users(event).await,
            Event::Work { process } => self.drive(process, MOST_ROUNDS).await,
            Event::Round { process } => self.drive(process, 1).await,
            Event::Crash { process, failpoint } => {
                if let Some(State::Running(memory)) = &self.process(process).state {
                    memory.worker.failpoints().arm(failpoint);
                    memory.follower.failpoints().arm(failpoint);
                }
                self.drive(process, MOST_ROUNDS).await;
                self.restart(process);
            }
            Event::Restart { process } => self.restart(process),
            Event::Stop { process, calls } => {
                if self.stopped().is_none() {
                    chain.hold_after(u32::from(calls));
                    self.drive(process, MOST_ROUNDS).await;
                    if self.stopped().is_none() {
                        chain.release();
                    }
                }
            }
            Event::Resume { process } => self.resume(process).await,
            Event::Skew { process, minutes } => {
                let wrong_by_ms = i64::from(minutes) * MINUTE_MS;
                self.process(process).clock.wrong_by_ms.store(wrong_by_ms, Ordering::SeqCst);
            }
            Event::Mine => self.service.block(),
            Event::MineEmpty { count } => {
                for _ in 0..count {
                    chain.mine_empty();
                }
            }
            Event::MineStored { pick } => {
                if let Some(raw) = self.stored(pick).await {
                    chain.mine_raw(&raw).unwrap();
                }
            }
            Event::SendStored { pick } => {
                if let Some(raw) = self.stored(pick).await {
                    let _ = chain.send(&raw).await;
                }
            }
            Event::Foreign => {
                // a nonce beyond what is stored would halt the signer for good
                let stored = self.service.attempts_by_nonce().await;
                if stored.last().is_some_and(|(nonce, _)| chain.next_nonce(signer) <= *nonce) {
                    chain.foreign_transaction(signer);
                }
            }
            Event::AnchoredByOthers { pick } => {
                let batches = self.service.store.all_batches(None, 1000).await.unwrap();
                let sealed: Vec<Hash> =
                    batches.iter().filter_map(|batch| Some(batch.seal()?.commitment)).collect();
                if let Some(commitment) = one_of(&sealed, pick) {
                    self.service.anchored_by_somebody_else(commitment).await;
                }
            }
            Event::Reorg { depth, kind } => {
                let possible = chain.height() - self.final_height;
                chain.reorg(u64::from(depth).min(possible), kind);
            }
            Event::DropPool => chain.drop_pool(),
            Event::BaseFee { gwei } => chain.set_base_fee(u128::from(gwei) * GWEI),
            Event::PriorityFee { gwei } => chain.set_priority_fee(u128::from(gwei) * GWEI),
            Event::ReadFails { read, fault, times } => self.read_fails(read, fault, times),
            Event::Denies { read, times } => self.read_fails(read, ReadFault::Absent, times),
            Event::SendFails { kind, times } => {
                chain.fail_send(send_fault(kind), u32::from(times));
            }
            Event::RegistryPaused(paused) => chain.set_paused(paused),
            Event::CollectionPaused(paused) => chain.set_collection_paused(COLLECTIONS[0], paused),
            Event::Role(granted) => chain.set_role(signer, granted),
            Event::Minter(granted) => chain.set_minter(COLLECTIONS[0], signer, granted),
            Event::Funds(enough) => chain.set_balance(signer, if enough { RICH } else { 1 }),
            Event::FinalityStalls(stalled) => chain.stall_finality(stalled),
            Event::GasPerToken(gas) => chain.set_gas_per_token(u64::from(gas)),
            Event::Burn { badge } => {
                let Some(badge) = self.badge(badge) else { return };
                let tokens = self.service.store.tokens(badge).await.unwrap();
                if let Some(id) = tokens.first().and_then(domain::Token::id) {
                    chain.burn(COLLECTIONS[0], id);
                }
            }
            Event::RevokedByOthers { badge, token } => {
                if let Some((commitment, index)) = self.leaf(badge, token).await {
                    let reason = RevocationReason::KeyCompromise;
                    chain.foreign_revoke(commitment, &[index], reason);
                }
            }
            Event::ReinstatedByOthers { badge, token } => {
                if let Some((commitment, index)) = self.leaf(badge, token).await {
                    chain.foreign_reinstate(commitment, &[index]);
                }
            }
        }
    }

    async fn by_users(&mut self, event: Event) {
        match event {
            Event::Submit { count } => {
                let submissions: Vec<_> = (0..count).map(|_| self.service.submission()).collect();
                self.accept(submissions).await;
            }
            Event::Bulk => {
                let submissions: Vec<_> = (0..55).map(|_| self.service.submission()).collect();
                self.accept(submissions).await;
            }
            Event::SubmitFor { owner: of, count } => {
                let submission = |_| Submission {
                    recipient: Some(self.service.recipient(owner(of))),
                    ..self.service.submission()
                };
                let submissions = (0..count).map(submission).collect();
                self.accept(submissions).await;
            }
            Event::Repeat { badge } => {
                if let Some(submission) = one_of(&self.submitted, badge) {
                    self.repeat(submission).await;
                }
            }
            Event::RequestMint { badge, owner: to } => {
                let Some(badge) = self.badge(badge) else { return };
                let tokens = self.service.store.tokens(badge).await.unwrap();
                let standing = tokens.iter().find(|token| token.replaced_at.is_none());
                let replaces = standing.and_then(|token| token.owner);
                self.service.request_mint(badge, owner(to), replaces).await;
            }
            Event::Revoke { badge } => {
                let Some(position) = self.badge(badge) else { return };
                let request = RevocationRequest {
                    account: self.service.account,
                    position,
                    reason: RevocationReason::PrivilegeWithdrawn,
                    requested_at: self.service.clock.now(),
                };
                self.service.store.request_revocation(request).await.unwrap();
            }
            Event::Erase { badge } => {
                let Some(badge) = self.badge(badge) else { return };
                let (account, now) = (self.service.account, self.service.clock.now());
                let erased = self.service.store.erase(account, badge, now).await.unwrap();
                if erased == Erasure::Erased {
                    self.service.accepted.retain(|position| *position != badge);
                }
            }
            Event::Wait { minutes } => {
                let minutes = i64::from(minutes).min(self.minutes_to_wait);
                self.minutes_to_wait -= minutes;
                self.service.clock.advance(minutes * MINUTE_MS);
            }
            _ => unreachable!("no user does that"),
        }
    }

    async fn accept(&mut self, submissions: Vec<Submission>) {
        let stream = self.service.stream.id;
        let accepted = self.service.store.accept(stream, &submissions).await.unwrap();
        assert!(accepted.iter().all(|accepted| accepted.acceptance == Acceptance::New));
        self.service.accepted.extend(accepted.iter().map(|accepted| accepted.position));
        self.submitted.extend(submissions);
    }

    /// The client heard nothing and asks again: the identical facts, unless the badge was erased. As in
    /// the service, each request has salts of its own.
    async fn repeat(&mut self, submission: Submission) {
        let (issuer, digest) = (submission.issuer, submission.digest);
        let records = self.service.store.badges_by_digest(submission.rule, digest).await.unwrap();
        let before = records.into_iter().find(|record| record.issuer == issuer);
        let again = Submission {
            salt: Hash::of(&[&submission.salt.0]),
            recipient: submission.recipient.map(|to| self.service.recipient(to.owner)),
            accepted_at: self.service.clock.now(),
            ..submission
        };
        let stream = self.service.stream.id;
        let answers =
            self.service.store.accept(stream, std::slice::from_ref(&again)).await.unwrap();
        match (before, &answers[0]) {
            (Some(before), answer) => {
                assert_eq!(answer.acceptance, Acceptance::Known);
                assert_eq!(
                    (answer.position, answer.salt, answer.accepted_at),
                    (before.position, before.salt, before.accepted_at),
                    "a repeat gets the identical promise"
                );
            }
            (None, answer) => {
                assert_eq!(answer.acceptance, Acceptance::New, "an erased badge is a new one");
                self.service.accepted.push(answer.position);
            }
        }
    }

    fn process(&self, number: u8) -> &Process {
        &self.processes[usize::from(number % PROCESSES)]
    }

    fn stopped(&self) -> Option<u8> {
        let stopped = |number: &u8| matches!(self.process(*number).state, Some(State::Stopped(_)));
        (0..PROCESSES).find(stopped)
    }

    fn restart(&mut self, number: u8) {
        if self.stopped() == Some(number % PROCESSES) {
            self.service.chain.release();
        }
        let memory = started(&self.service, number, &self.process(number).clock);
        self.set(number, State::Running(memory));
    }

    fn set(&mut self, number: u8, state: State) {
        self.processes[usize::from(number % PROCESSES)].state = Some(state);
    }

    /// A running process works; one that is stopped does not.
    async fn drive(&mut self, number: u8, rounds: usize) {
        let alone = self.stopped().is_none();
        let state = self.processes[usize::from(number % PROCESSES)].state.take();
        match state {
            Some(State::Running(memory)) => {
                let run: Run = Box::pin(work(memory, rounds));
                self.go_on(number, run, alone).await;
            }
            Some(stopped) => self.set(number, stopped),
            None => unreachable!("it is put back after each drive"),
        }
    }

    pub(super) async fn resume(&mut self, number: u8) {
        if self.stopped() != Some(number % PROCESSES) {
            return;
        }
        self.service.chain.release();
        let state = self.processes[usize::from(number % PROCESSES)].state.take();
        if let Some(State::Stopped(run)) = state {
            self.go_on(number, run, false).await;
        }
    }

    async fn go_on(&mut self, number: u8, mut run: Run, may_stop: bool) {
        let chain = Arc::clone(&self.service.chain);
        tokio::select! {
            biased;
            (memory, result) = &mut run => match result {
                Err(StepError::Failpoint(_)) => {
                    let memory = started(&self.service, number, &self.process(number).clock);
                    self.set(number, State::Running(memory));
                }
                Ok(()) | Err(_) => self.set(number, State::Running(memory)),
            },
            () = chain.held(), if may_stop => self.set(number, State::Stopped(run)),
        }
    }

    fn read_fails(&mut self, read: Read, fault: ReadFault, times: u8) {
        // a lagging node has no receipt, which denies the transaction
        let denies = fault == ReadFault::Absent || read == Read::InclusionHint;
        if denies && *self.denied.get_or_insert(read) != read {
            return;
        }
        self.service.chain.fail_read(read, fault, u32::from(times));
    }

    /// The bytes of a stored attempt.
    async fn stored(&self, pick: u8) -> Option<Vec<u8>> {
        let signer = self.service.signer.id;
        let records = self.service.store.transactions(signer, 0, 1000).await.unwrap();
        let attempts = records.into_iter().flat_map(|record| record.attempts);
        let raw: Vec<_> = attempts.map(|row| row.attempt.raw).collect();
        one_of(&raw, pick)
    }

    fn badge(&self, pick: u8) -> Option<Position> {
        one_of(&self.service.accepted, pick)
    }

    /// The place of a badge, or of its token, in its sealed batch.
    async fn leaf(&self, pick: u8, token: bool) -> Option<(Hash, u32)> {
        let badge = self.badge(pick)?;
        if token {
            let tokens = self.service.store.tokens(badge).await.unwrap();
            let token = tokens.into_iter().next()?;
            let seal = token.batch.as_ref().and_then(Batch::seal)?;
            return Some((seal.commitment, token.index?));
        }
        self.service.leaf(badge).await
    }

    /// Everything that was wrong is right again: one process goes on where it was stopped, all are
    /// started anew.
    pub(super) async fn heal(&mut self) {
        let chain = Arc::clone(&self.service.chain);
        let signer = self.service.signer.address;
        for number in 0..PROCESSES {
            self.resume(number).await;
            self.process(number).clock.wrong_by_ms.store(0, Ordering::SeqCst);
            self.restart(number);
        }
        self.check(true).await;
        chain.heal();
        chain.set_base_fee(GWEI);
        chain.set_priority_fee(GWEI);
        chain.set_paused(false);
        chain.set_collection_paused(COLLECTIONS[0], false);
        chain.set_role(signer, true);
        chain.set_role(COLLECTIONS[0], true);
        chain.set_minter(COLLECTIONS[0], signer, true);
        chain.set_balance(signer, RICH);
        chain.stall_finality(false);
        chain.set_gas_per_token(7_350);
        self.denied = None;
    }
}

fn started(service: &Service, number: u8, clock: &Arc<HostClock>) -> Box<Memory> {
    Box::new(Memory {
        worker: service.another_worker_by(&format!("process {number}"), clock.clone()),
        follower: service.another_follower_by(clock.clone()),
        watch: FinalityWatch::new(Arc::clone(&service.store), service.chain.clone(), clock.clone()),
    })
}

/// Rounds until there is nothing to do, or so many.
async fn work(mut memory: Box<Memory>, rounds: usize) -> (Box<Memory>, Result<(), StepError>) {
    if let Err(error) = memory.watch.look().await {
        return (memory, Err(error));
    }
    for _ in 0..rounds {
        match round(&mut memory).await {
            Ok(Progress::Idle) => return (memory, Ok(())),
            Ok(Progress::Moved) => {}
            Err(error) => return (memory, Err(error)),
        }
    }
    assert!(rounds < MOST_ROUNDS, "the worker does not come to rest");
    (memory, Ok(()))
}

async fn round(memory: &mut Memory) -> Result<Progress, StepError> {
    match memory.worker.round().await? {
        Progress::Idle => memory.follower.round().await,
        Progress::Moved => Ok(Progress::Moved),
    }
}

fn one_of<T: Clone>(all: &[T], pick: u8) -> Option<T> {
    let at = usize::from(pick).checked_rem(all.len())?;
    all.get(at).cloned()
}

fn send_fault(kind: u8) -> SendFault {
    let says = SendFault::Answers;
    let faults = [
        SendFault::Lost,
        SendFault::AnswerLost,
        says(Ok(Sent::Accepted)),
        says(Ok(Sent::AlreadyKnown)),
        says(Ok(Sent::NonceTooLow)),
        says(Err(SendError::Underpriced("replacement transaction underpriced".into()))),
        says(Err(SendError::Funds("insufficient funds".into()))),
        says(Err(SendError::NonceGap("nonce too high".into()))),
        says(Err(SendError::Rejected("rubbish".into()))),
    ];
    faults[usize::from(kind) % faults.len()].clone()
}
