//! What one node's word is not enough for: answers that as many nodes give as must agree on finality.

use std::collections::HashMap;
use std::sync::Arc;

use proof::Address;

use super::{EvmChain, Node, Tag, block_id};
use crate::{At, ChainError, Header};

impl EvmChain {
    /// See [`crate::Chain::agreed_header`].
    pub(super) async fn header_of_enough(&self, number: u64) -> Result<Option<Header>, ChainError> {
        let needed = self.nodes.agreeing();
        let ask = |node: &Arc<Node>| {
            let node = Arc::clone(node);
            async move {
                node.check().await?;
                node.header(Tag::Number(number)).await
            }
        };
        let (answers, failure) = self.nodes.ask_jury(needed, ask).await;
        if answers.is_empty() {
            return Err(failure);
        }
        let mut votes: HashMap<_, Vec<Header>> = HashMap::new();
        for header in answers.into_iter().filter_map(|(_, header)| header) {
            votes.entry(header.block.hash).or_default().push(header);
        }
        votes.retain(|_, headers| headers.len() >= needed);
        if votes.len() > 1 {
            return Err(ChainError::Retry(format!("nodes disagree about block {number}")));
        }
        let headers = votes.into_values().flatten();
        Ok(headers.min_by_key(|header| header.time))
    }

    /// See [`crate::Chain::agreed_nonce`].
    pub(super) async fn nonce_of_enough(&self, account: Address) -> Result<u64, ChainError> {
        let needed = self.nodes.agreeing();
        let ask = |node: &Arc<Node>| {
            let node = Arc::clone(node);
            async move {
                node.check().await?;
                node.nonce(account, block_id(At::Head)).await
            }
        };
        let (answers, failure) = self.nodes.ask_jury(needed, ask).await;
        if answers.is_empty() {
            return Err(failure);
        }
        let told = answers.len();
        let mut nonces: Vec<_> = answers.into_iter().map(|(_, nonce)| nonce).collect();
        nonces.sort_unstable_by(|one, other| other.cmp(one));
        nonces.get(needed - 1).copied().ok_or_else(|| {
            ChainError::Retry(format!("{needed} nodes must tell a nonce, {told} did"))
        })
    }
}
