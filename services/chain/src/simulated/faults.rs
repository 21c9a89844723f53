//! What a node is told to do wrong.

use std::collections::{BTreeMap, VecDeque};

use crate::{ChainEvent, SendError, Sent};

/// The reading methods of [`crate::Chain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the method of the same name")]
pub enum Read {
    Head,
    Finalized,
    Header,
    Nonce,
    Anchored,
    Revoked,
    Minted,
    Token,
    BatchCount,
    Events,
    InclusionHint,
    FeeQuote,
    Preflight,
    CodeHash,
}

impl Read {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Head,
        Self::Finalized,
        Self::Header,
        Self::Nonce,
        Self::Anchored,
        Self::Revoked,
        Self::Minted,
        Self::Token,
        Self::BatchCount,
        Self::Events,
        Self::InclusionHint,
        Self::FeeQuote,
        Self::Preflight,
        Self::CodeHash,
    ];
}

/// How a read goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFault {
    /// No answer: [`crate::ChainError::Retry`].
    Unavailable,
    /// The node lags this many blocks behind: old answers at its head, and newer blocks are unknown
    /// to it.
    Stale {
        /// How far behind.
        blocks: u64,
    },
    /// A method that can answer "there is none" says so (`Events`: nothing happened); any other is
    /// unavailable.
    Absent,
    /// The node is of another chain.
    WrongChain,
}

/// How a send goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFault {
    /// The bytes never arrive: [`SendError::Unknown`].
    Lost,
    /// The node does what it should and its answer is lost: [`SendError::Unknown`].
    AnswerLost,
    /// The node says this and does nothing.
    Answers(Result<Sent, SendError>),
}

#[derive(Debug)]
struct Queue<F>(VecDeque<(F, u32)>);

impl<F> Default for Queue<F> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<F: Clone> Queue<F> {
    fn add(&mut self, fault: F, times: u32) {
        if times > 0 {
            self.0.push_back((fault, times));
        }
    }

    fn take(&mut self) -> Option<F> {
        let (fault, times) = self.0.front_mut()?;
        let fault = fault.clone();
        if *times != u32::MAX {
            *times -= 1;
        }
        if *times == 0 {
            self.0.pop_front();
        }
        Some(fault)
    }
}

/// The faults to come, by method, each for a number of calls.
#[derive(Debug, Default)]
pub(super) struct Faults {
    reads: BTreeMap<Read, Queue<ReadFault>>,
    sends: Queue<SendFault>,
    /// Events that never were.
    pub(super) invented: Vec<ChainEvent>,
}

impl Faults {
    pub(super) fn add_read(&mut self, read: Read, fault: ReadFault, times: u32) {
        self.reads.entry(read).or_default().add(fault, times);
    }

    pub(super) fn add_send(&mut self, fault: SendFault, times: u32) {
        self.sends.add(fault, times);
    }

    pub(super) fn take_read(&mut self, read: Read) -> Option<ReadFault> {
        self.reads.get_mut(&read)?.take()
    }

    pub(super) fn take_send(&mut self) -> Option<SendFault> {
        self.sends.take()
    }
}
