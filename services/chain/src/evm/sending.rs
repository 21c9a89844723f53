//! The same bytes to every node.

use std::sync::Arc;

use alloy::primitives::{B256, Bytes, keccak256};
use futures::stream::{FuturesUnordered, StreamExt as _};
use proof::Hash;
use tokio::time::Instant;

use super::send_answers::{classify, together};
use super::standing::{Reason, Trust};
use super::{CALL_LIMIT, EvmChain, Node};
use crate::{SendError, Sent};

impl EvmChain {
    /// Each node gets the bytes in a task of its own, also one that is put aside, unless it is of
    /// another chain: a slow one neither delays the answer nor goes without them. The answer is there
    /// with the first node that has them; other clear words wait a little for a better one.
    ///
    /// A crash in here is a send that may have happened: the same bytes are sent again.
    pub(super) async fn send_to_all(&self, raw: &[u8]) -> Result<Sent, SendError> {
        let hash = Hash(keccak256(raw).0);
        let bytes = Bytes::copy_from_slice(raw);
        let other_chain = Trust::Aside(Reason::WrongChain);
        let nodes = self.nodes.all().iter().filter(|node| node.trust() != other_chain);
        let mut sends: FuturesUnordered<_> = nodes
            .map(|node| tokio::spawn(send_to(Arc::clone(node), bytes.clone(), hash)))
            .collect();
        let mut answers = Vec::new();
        let mut limit = Instant::now() + CALL_LIMIT;
        while let Ok(Some(answer)) = tokio::time::timeout_at(limit, sends.next()).await {
            // a task that panicked says nothing
            let Ok(answer) = answer else { continue };
            if let Ok(Sent::Accepted | Sent::AlreadyKnown) = answer {
                return answer;
            }
            if !matches!(answer, Err(SendError::Unknown(_))) {
                limit = limit.min(Instant::now() + self.nodes.policy().late_answers);
            }
            answers.push(answer);
        }
        together(answers)
    }
}

async fn send_to(node: Arc<Node>, bytes: Bytes, hash: Hash) -> Result<Sent, SendError> {
    // the bytes name their chain (EIP-155), so another one that is not known yet can do no harm with
    // them; to ask first would keep them from a node that answers nothing else
    if node.wrong_chain().is_some()
        && let Err(error) = node.check().await
    {
        return Err(SendError::Unknown(error.to_string()));
    }
    let answer = match node.ask::<B256>("eth_sendRawTransaction", (bytes,)).await {
        Ok(answered) if answered.0 == hash.0 => Ok(Sent::Accepted),
        Ok(answered) => {
            metrics::counter!("ingam_node_other_hash_total").increment(1);
            tracing::error!(%node, tx.hash = %hash, %answered, "the node answered another hash");
            Err(SendError::Unknown(format!("{node}: answered another hash")))
        }
        Err(error) => classify(error),
    };
    if let Err(SendError::Unknown(_)) = &answer {
        node.distrust();
    }
    answer
}
