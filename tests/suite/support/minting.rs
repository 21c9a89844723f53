//! Tokens in a [`Service`]: collections, recipients, and what must hold of every mint.

use std::collections::BTreeMap;
use std::sync::Arc;

use chain::simulated::SimulatedChain;
use chain::{At, Chain as _, ContractCall};
use domain::{
    Batch, Clock as _, Entropy as _, MintRequest, MintState, NewCollection, Position, Recipient,
    Revocation, Submission, Token,
};
use proof::{Address, Entry, Hash, TokenId, commitment, inclusion_root};
use store::{MintAnswer, Store};

use super::service::{POLICY, PROMISE_MS, Service};

/// Where the service may mint: the operator's first and second volume.
pub(crate) const COLLECTIONS: [Address; 2] = [Address([0xc1; 20]), Address([0xc2; 20])];

/// A wallet.
pub(crate) const fn owner(number: u8) -> Address {
    Address([number; 20])
}

impl Service {
    /// A service with the first collection open.
    pub(crate) async fn minting(store: Arc<dyn Store>) -> Self {
        let mut service = Self::on(store).await;
        service.open_collection(COLLECTIONS[0]).await;
        service.follower = Some(service.another_follower());
        service
    }

    /// As the operator's command does: deployed, and recorded as the newest volume.
    pub(crate) async fn open_collection(&self, contract: Address) {
        self.chain.add_collection(contract, self.signer.address);
        let collection = NewCollection {
            chain_id: self.stream.chain_id,
            registry: self.stream.registry,
            contract,
            issuer: None,
            from_block: self.chain.head().await.unwrap().block.number,
            code_hash: SimulatedChain::collection_code_hash(),
            service: self.stream.service.clone(),
            promise_ms: PROMISE_MS,
        };
        self.store.add_collection(&collection, self.clock.now()).await.unwrap();
    }

    /// Accepts a new badge for each of these owners.
    pub(crate) async fn submit_for(&mut self, owners: &[Address]) -> Vec<Position> {
        let submission = |owner: &Address| Submission {
            recipient: Some(self.recipient(*owner)),
            ..self.submission()
        };
        let submissions: Vec<_> = owners.iter().map(submission).collect();
        let accepted = self.store.accept(self.stream.id, &submissions).await.unwrap();
        let positions: Vec<_> = accepted.iter().map(|accepted| accepted.position).collect();
        self.accepted.extend(&positions);
        positions
    }

    /// The owner, with a salt for the token.
    pub(crate) fn recipient(&self, owner: Address) -> Recipient {
        Recipient { owner, salt: self.entropy.salt() }
    }

    /// Lets the oldest open mint request grow old enough to be cut.
    pub(crate) fn grow_mints_old(&self) {
        self.clock.advance(POLICY.mint_seal.max_age_ms);
    }

    pub(crate) async fn request_mint(
        &self,
        badge: Position,
        owner: Address,
        replaces: Option<Address>,
    ) -> MintAnswer {
        let requested_at = self.clock.now();
        let recipient = self.recipient(owner);
        let request = MintRequest { badge, recipient, replaces, requested_at };
        self.store.request_mint(self.account, &request).await.unwrap()
    }

    /// The token of a badge that was not replaced.
    pub(crate) async fn token(&self, badge: Position) -> Token {
        let tokens = self.store.tokens(badge).await.unwrap();
        let mut standing = tokens.into_iter().filter(|token| token.replaced_at.is_none());
        standing.next().expect("the badge has a token")
    }

    pub(crate) async fn mint_state(&self, badge: Position) -> MintState {
        self.token(badge).await.state()
    }

    /// What a collection says of a token at the head.
    pub(crate) async fn on_chain(&self, token: &Token) -> chain::TokenFact {
        let collection = token.stream.kind.collection().unwrap();
        self.chain.token(collection, token.id().unwrap(), At::Head).await.unwrap()
    }

    pub(crate) async fn revocation(&self, badge: Position) -> Option<Revocation> {
        self.record(badge).await.revocation
    }

    /// Works and mines until these badges' tokens are in this state.
    pub(crate) async fn until_tokens(&mut self, badges: &[Position], wanted: MintState) {
        for _ in 0..80 {
            self.work().await.unwrap();
            let mut all = true;
            for badge in badges {
                all &= self.mint_state(*badge).await == wanted;
            }
            if all {
                return;
            }
            self.block();
        }
        panic!("not {wanted:?} after 80 blocks: {:?}", self.mint_state(badges[0]).await);
    }

    pub(crate) async fn until_minted(&mut self, badges: &[Position]) {
        self.until_tokens(badges, MintState::Minted).await;
    }

    /// The mint batch of a badge's token.
    pub(crate) async fn mint_batch(&self, badge: Position) -> Batch {
        self.token(badge).await.batch.expect("it is cut")
    }

    /// The call that mints a sealed batch, to these owners instead of the sealed ones where given.
    pub(crate) async fn mint_call(
        &self,
        batch: &Batch,
        owners: Option<Vec<Address>>,
    ) -> ContractCall {
        let seal = batch.seal().unwrap();
        let owners = match owners {
            Some(owners) => owners,
            None => self.store.owners(batch.id).await.unwrap(),
        };
        ContractCall::Mint { collection: COLLECTIONS[0], size: seal.size, root: seal.root, owners }
    }

    /// Each minted token's leaf is its badge's and leads to a commitment that its collection holds,
    /// with its owner; and the chain has no token that the database does not have.
    pub(super) async fn assert_tokens_are_kept(&self) {
        for badge in &self.accepted {
            for token in self.store.tokens(*badge).await.unwrap() {
                if token.state() == MintState::Minted {
                    self.assert_minted(*badge, &token).await;
                }
            }
        }
        let mut minted: BTreeMap<Hash, u64> = BTreeMap::new();
        for transaction in self.chain.transactions().iter().filter(|it| it.succeeded) {
            if let Some(ContractCall::Mint { size, root, .. }) = &transaction.call {
                minted.insert(commitment(*size, *root, Hash::ZERO), *size);
            }
        }
        let mut stored = 0;
        for contract in COLLECTIONS {
            let page = self.store.tokens_of_collection(self.stream.chain_id, contract, None, 1000);
            let page = page.await.unwrap().into_iter();
            let commitments = page.filter_map(|token| Some(token.batch?.seal()?.commitment));
            stored +=
                commitments.filter(|commitment| minted.contains_key(commitment)).count() as u64;
        }
        assert_eq!(minted.values().sum::<u64>(), stored, "each minted leaf is a stored token");
    }

    async fn assert_minted(&self, badge: Position, token: &Token) {
        let batch = token.batch.as_ref().unwrap();
        let index = token.index.unwrap();
        let (size, path) = self.path(batch, u64::from(index)).await;
        let salt = token.salt.expect("it is there as long as the badge is");
        let leaf = Entry { salt, ..self.record(badge).await.entry() }.leaf();
        let root = inclusion_root(leaf, u64::from(index), size, &path).unwrap();
        let commitment = commitment(size, root, Hash::ZERO);
        assert_eq!(token.id(), Some(TokenId::of(commitment, index)));
        let fact = self.on_chain(token).await;
        assert_eq!(fact.owner, token.owner, "the token of badge {badge}");
        let inclusion = *batch.inclusion().unwrap();
        let anchored = self.chain.anchored(self.stream.registry, commitment, At::Head);
        let anchored = anchored.await.unwrap().expect("a mint anchors its commitment");
        assert_eq!(inclusion.block_time, anchored.time);
        let header = self.chain.header(inclusion.block_number).await.unwrap().unwrap();
        assert_eq!(header.block.hash, inclusion.block_hash, "the proof's block is canonical");
    }
}
