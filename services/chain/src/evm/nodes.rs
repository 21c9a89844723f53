//! Several nodes of one chain: which is asked, which is put aside, and who is waited for.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::Instant;

use super::node::{Node, http_client};
use super::standing::{Reason, Trust};
use super::{CALL_LIMIT, LEAST_TIMEOUT, NodePolicy, RpcUrl, Tag};
use crate::{ChainError, Header};

/// Nodes, the preferred one first: of those that answered, the one with the highest head.
#[derive(Debug)]
pub(crate) struct Nodes {
    all: Vec<Arc<Node>>,
    policy: NodePolicy,
    preferred: AtomicUsize,
}

impl Nodes {
    /// With an expected chain id, every node is asked for its own before it is used, and again from
    /// time to time.
    pub(crate) fn new(
        urls: &[RpcUrl],
        policy: NodePolicy,
        expected_chain: Option<u64>,
    ) -> Result<Self, ChainError> {
        let count = u32::try_from(urls.len()).unwrap_or(u32::MAX);
        let Some(share) = CALL_LIMIT.checked_div(count) else {
            return Err(ChainError::Retry("no RPC URL is configured".to_owned()));
        };
        // one that hangs must leave time for the next
        let http = http_client(policy.timeout.min(share.max(LEAST_TIMEOUT)))?;
        let node = |(number, url)| {
            let node = Node::new(number, url, http.clone(), expected_chain, policy.quarantine);
            Arc::new(node)
        };
        let all = (1..).zip(urls).map(node).collect();
        Ok(Self { all, policy, preferred: AtomicUsize::new(0) })
    }

    pub(super) async fn check_all(&self) -> Result<(), ChainError> {
        let checks = self.all.iter().map(|node| node.check());
        let mut outcome = Err(ChainError::Retry("no node answers".to_owned()));
        for check in futures::future::join_all(checks).await {
            match check {
                Ok(()) => outcome = Ok(()),
                Err(error @ ChainError::WrongChain { .. }) => return Err(error),
                Err(error) if outcome.is_err() => outcome = Err(error),
                Err(error) => tracing::warn!(%error, "a node does not answer yet"),
            }
        }
        outcome
    }

    pub(super) fn all(&self) -> &[Arc<Node>] {
        &self.all
    }

    pub(super) const fn policy(&self) -> &NodePolicy {
        &self.policy
    }

    /// How many nodes must name the same final block.
    pub(super) fn agreeing(&self) -> usize {
        self.policy.agreeing.clamp(1, self.all.len())
    }

    /// Those that are asked what all are asked: not put aside, or, where every node is, all whose
    /// answers may still be right.
    pub(super) fn jury(&self) -> Vec<usize> {
        let trusted = |at: &usize| !matches!(self.all[*at].trust(), Trust::Aside(_));
        let jury: Vec<_> = (0..self.all.len()).filter(trusted).collect();
        if jury.is_empty() { self.in_order() } else { jury }
    }

    /// Which nodes a read asks, one after the other: the preferred one, the other good ones, those on
    /// probation, and at last those that merely failed.
    fn in_order(&self) -> Vec<usize> {
        let preferred = self.preferred.load(Ordering::Relaxed);
        let count = self.all.len();
        let mut ranked: Vec<_> = (0..count)
            .map(|offset| (preferred + offset) % count)
            .filter_map(|at| {
                let rank = match self.all[at].trust() {
                    Trust::Good => 0,
                    Trust::Probation(_) => 1,
                    Trust::Aside(Reason::Failing) => 2,
                    Trust::Aside(_) => return None,
                };
                Some((rank, at))
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, at)| at).collect()
    }

    /// Puts a node aside unless it is the last good one: a doubtful node whose answers are checked is
    /// better than none. Whether it was.
    pub(super) fn accuse(&self, at: usize, reason: Reason, why: &str) -> bool {
        let mut others = (0..self.all.len()).filter(|other| *other != at);
        let is_last = !others.any(|other| self.all[other].trust() == Trust::Good);
        if is_last {
            tracing::debug!(node = %self.all[at], %reason, why, "the last node is kept");
        } else {
            self.all[at].put_aside(reason, why);
        }
        !is_last
    }

    /// The highest head of those that answer; its node is the preferred one from here on. A node
    /// that is stuck or still syncing answers too, so answering alone recommends none. One that is
    /// too far from the others is put aside.
    pub(crate) async fn head(&self) -> Result<Header, ChainError> {
        if self.all.len() == 1 {
            return self.read(|node| node.known_header(Tag::Latest)).await;
        }
        let ask = |node: &Arc<Node>| {
            let node = Arc::clone(node);
            async move { checked(&node, |node| node.known_header(Tag::Latest)).await }
        };
        let (mut heads, failure) = self.ask_jury(1, ask).await;
        heads.sort_by_key(|(_, head)| std::cmp::Reverse(head.block.number));
        // the highest of two; of more, one that another is not below: a single liar is no measure
        let middle = heads.len().saturating_sub(1) / 2;
        let Some(measure) = heads.get(middle).map(|(_, head)| head.block.number) else {
            return Err(failure);
        };
        let max_lag = self.policy.max_lag;
        heads.retain(|(at, head)| {
            let number = head.block.number;
            if number.saturating_add(max_lag) < measure {
                let why = format!("its head is {number}, that of others {measure}");
                self.accuse(*at, Reason::Lagging, &why);
                return false;
            }
            if number > measure.saturating_add(max_lag) {
                let why = format!("its head is {number}, that of others {measure}");
                self.accuse(*at, Reason::Ahead, &why);
                return false;
            }
            self.all[*at].is_sane(&[Reason::Lagging, Reason::Ahead]);
            true
        });
        // among equals there is no reason to change
        let preferred = self.preferred.load(Ordering::Relaxed) % self.all.len();
        let highest = heads.into_iter().max_by_key(|(at, head)| {
            let good = self.all[*at].trust() == Trust::Good;
            (good, head.block.number, *at == preferred)
        });
        let (at, head) = highest.ok_or(failure)?;
        self.preferred.store(at, Ordering::Relaxed);
        Ok(head)
    }

    /// Asks all that may be asked at the same time. Once `enough` of them have answered, the others
    /// have little time left: a silent one must not slow down everything.
    pub(super) async fn ask_jury<T, F>(
        &self,
        enough: usize,
        ask: impl Fn(&Arc<Node>) -> F,
    ) -> (Vec<(usize, T)>, ChainError)
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        let mut silent = self.jury();
        let mut asked: FuturesUnordered<_> = silent
            .iter()
            .map(|&at| {
                let answer = ask(&self.all[at]);
                async move { (at, answer.await) }
            })
            .collect();
        let mut failure = self.nobody();
        let mut answers = Vec::new();
        let mut limit = Instant::now() + CALL_LIMIT;
        while let Ok(Some((at, answer))) = tokio::time::timeout_at(limit, asked.next()).await {
            silent.retain(|one| *one != at);
            match answer {
                Ok(answer) => {
                    answers.push((at, answer));
                    if answers.len() >= enough {
                        limit = limit.min(Instant::now() + self.policy.late_answers);
                    }
                }
                Err(error) => failure = error,
            }
        }
        for at in silent {
            self.accuse(at, Reason::Failing, "it keeps everybody waiting");
        }
        (answers, failure)
    }

    /// Asks the preferred node, and the others after it while the answer is an error: it may not
    /// have the block that is asked for, be of another chain, or lack a contract that is newer than
    /// its head. What belongs together is asked in one `ask`, so of one node.
    ///
    /// # Errors
    /// [`ChainError::Contract`] only when all nodes say so.
    pub(crate) async fn read<'a, T, F>(
        &'a self,
        ask: impl Fn(&'a Node) -> F,
    ) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        self.read_at(|at| ask(&self.all[at])).await
    }

    /// As [`Self::read`], where the question needs to know which node it is put to.
    pub(super) async fn read_at<T, F>(&self, ask: impl Fn(usize) -> F) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        let attempts = async {
            let (mut failure, mut no_contract) = (None, None);
            let preferred = self.preferred.load(Ordering::Relaxed);
            for at in self.in_order() {
                match checked(&self.all[at], |_| ask(at)).await {
                    Ok(answer) => {
                        self.preferred.store(at, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    Err(error @ ChainError::Contract(_)) => no_contract = Some(error),
                    Err(error) => failure = Some(error),
                }
            }
            if failure.is_some() {
                // the next call must not begin with the same silent node, which would eat its time
                self.preferred.store((preferred + 1) % self.all.len(), Ordering::Relaxed);
            }
            Err(failure.or(no_contract).unwrap_or_else(|| self.nobody()))
        };
        match tokio::time::timeout(CALL_LIMIT, attempts).await {
            Ok(answer) => answer,
            Err(_) => {
                self.preferred.fetch_add(1, Ordering::Relaxed);
                Err(ChainError::Retry("no node answered in time".to_owned()))
            }
        }
    }

    /// What to say where nobody could be asked, or nobody answered.
    fn nobody(&self) -> ChainError {
        let mut wrong = self.all.iter().filter_map(|node| node.wrong_chain());
        match wrong.next() {
            Some((expected, found)) if self.in_order().is_empty() => {
                ChainError::WrongChain { expected, found }
            }
            _ => ChainError::Retry("no node answered in time".to_owned()),
        }
    }
}

/// Asks one node that is of the expected chain; one that fails is checked again before its next use.
async fn checked<'a, T, F>(node: &'a Node, ask: impl FnOnce(&'a Node) -> F) -> Result<T, ChainError>
where
    F: Future<Output = Result<T, ChainError>>,
{
    let answer = match node.check().await {
        Ok(()) => ask(node).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &answer {
        tracing::debug!(%node, %error, "node failed");
        if !matches!(error, ChainError::Contract(_)) {
            node.distrust();
        }
    }
    answer
}
