//! Which block is final: what nodes claim, and what enough of them agree on.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use domain::Block;
use proof::Hash;

use super::standing::Reason;
use super::{EvmChain, Finality, Node, Tag};
use crate::{ChainError, Header};

/// What a node calls final.
#[derive(Debug, Clone, Copy)]
struct Claim {
    /// Deep enough, too.
    header: Header,
    /// By its tag alone; `None` where there is none that counts.
    tagged: Option<Block>,
}

impl EvmChain {
    /// The highest block that as many nodes as must agree call final, and by the same hash. A node
    /// that is behind, or silent, only makes it a lower one, or leaves it where it was.
    pub(super) async fn agreed_final(&self) -> Result<Header, ChainError> {
        let needed = self.nodes.agreeing();
        let (mut claims, failure) =
            self.nodes.ask_jury(needed, |node| self.claim(Arc::clone(node))).await;
        claims.retain(|(at, claim)| !self.took_back(*at, claim));
        if claims.len() < needed {
            // nobody disagrees, there are only too few to agree on anything new
            if let Some(before) = self.still_final().await {
                return Ok(before);
            }
            return Err(match (claims.is_empty(), failure) {
                (true, failure) => failure,
                (false, _) => ChainError::Retry(format!(
                    "{needed} nodes must say what is final, {} did",
                    claims.len()
                )),
            });
        }
        claims.sort_by_key(|(_, claim)| std::cmp::Reverse(claim.header.block.number));
        let header = claims[needed - 1].1.header;
        if self.nodes.all().len() == 1 {
            // there is nobody to disagree
            uphold(&self.nodes.all()[0], &claims[0].1);
            return Ok(header);
        }
        let header = self.judge(header, &claims, needed).await?;
        *self.last_final() = Some(header);
        Ok(header)
    }

    fn last_final(&self) -> MutexGuard<'_, Option<Header>> {
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was agreed on last, where it is still there.
    async fn still_final(&self) -> Option<Header> {
        let before = (*self.last_final())?;
        let number = Tag::Number(before.block.number);
        let now = self.nodes.read(|node| node.header(number)).await.ok()??;
        (now.block == before.block).then_some(before)
    }

    async fn claim(&self, node: Arc<Node>) -> Result<Claim, ChainError> {
        node.check().await?;
        let head = node.known_header(Tag::Latest).await?;
        let deepest = head.block.number.saturating_sub(self.min_depth);
        if self.finality == Finality::Depth {
            let header = node.known_header(Tag::Number(deepest)).await?;
            return Ok(Claim { header, tagged: None });
        }
        let tagged = node.known_header(Tag::Finalized).await?;
        let header = if tagged.block.number <= deepest {
            tagged
        } else {
            node.known_header(Tag::Number(deepest)).await?
        };
        Ok(Claim { header, tagged: Some(tagged.block) })
    }

    /// Whether a node is put aside because its final block went back. Behind one URL there are often
    /// several nodes, so a few blocks are no lie.
    fn took_back(&self, at: usize, claim: &Claim) -> bool {
        let node = &self.nodes.all()[at];
        let (Some(now), Some(before)) = (claim.tagged, node.upheld_final()) else { return false };
        if now.number.saturating_add(self.nodes.policy().max_lag) >= before.number {
            return false;
        }
        // from here on it is measured by what it says now
        node.uphold_final(now);
        let why = format!("its final block went back from {} to {}", before.number, now.number);
        self.nodes.accuse(at, Reason::Contradiction, &why)
    }

    /// No node may name another block of this number. One that has none yet is behind, and one that
    /// keeps silent says nothing: neither may halt what enough others agree on.
    async fn judge(
        &self,
        header: Header,
        claims: &[(usize, Claim)],
        needed: usize,
    ) -> Result<Header, ChainError> {
        let number = header.block.number;
        let ask = |node: &Arc<Node>| {
            let node = Arc::clone(node);
            async move {
                node.check().await?;
                node.header(Tag::Number(number)).await
            }
        };
        let (named, _) = self.nodes.ask_jury(needed, ask).await;
        let mut named: HashMap<usize, Header> =
            named.into_iter().filter_map(|(at, header)| Some((at, header?))).collect();
        for (at, claim) in claims.iter().filter(|(_, claim)| claim.header.block.number == number) {
            named.entry(*at).or_insert(claim.header);
        }
        let mut votes: HashMap<Hash, Vec<usize>> = HashMap::new();
        for (at, header) in &named {
            votes.entry(header.block.hash).or_default().push(*at);
        }
        let majority = |votes: &HashMap<Hash, Vec<usize>>| {
            let all: usize = votes.values().map(Vec::len).sum();
            votes.iter().find(|(_, by)| by.len() * 2 > all).map(|(hash, _)| *hash)
        };
        let mut chosen = majority(&votes);
        if chosen.is_none() {
            // evenly divided: those that take back what they called final have lost their vote
            let mut loyal = votes.clone();
            for by in loyal.values_mut() {
                let mut kept = Vec::new();
                for at in by.iter() {
                    if !self.takes_back(*at).await {
                        kept.push(*at);
                    }
                }
                *by = kept;
            }
            chosen = majority(&loyal);
        }
        let Some(chosen) = chosen else {
            metrics::counter!("ingam_nodes_disagree_total").increment(1);
            tracing::error!(block.number = number, "nodes disagree about a final block");
            return Err(ChainError::Retry(format!("nodes disagree about block {number}")));
        };
        for (at, header) in &named {
            if header.block.hash == chosen {
                self.nodes.all()[*at].is_sane(&[Reason::Contradiction]);
                let claim = claims.iter().find(|(of, _)| of == at);
                claim.inspect(|(at, claim)| uphold(&self.nodes.all()[*at], claim));
            } else {
                let why = format!("block {number} is final, and it names another one");
                self.nodes.accuse(*at, Reason::Contradiction, &why);
            }
        }
        let agreeing: Vec<_> = named.values().filter(|it| it.block.hash == chosen).collect();
        // the same hash says nothing about the time that a node tells with it
        match agreeing.iter().min_by_key(|header| header.time) {
            Some(header) if agreeing.len() >= needed => Ok(**header),
            _ => Err(ChainError::Retry(format!(
                "{needed} nodes must name the same block {number}, {} did",
                agreeing.len()
            ))),
        }
    }

    /// Whether the block that a node last called final is another one now.
    async fn takes_back(&self, at: usize) -> bool {
        let node = &self.nodes.all()[at];
        let Some(before) = node.upheld_final() else { return false };
        match node.header(Tag::Number(before.number)).await {
            Ok(now) => now.is_none_or(|now| now.block != before),
            Err(_) => false,
        }
    }
}

fn uphold(node: &Node, claim: &Claim) {
    if let Some(tagged) = claim.tagged {
        node.uphold_final(tagged);
    }
}
