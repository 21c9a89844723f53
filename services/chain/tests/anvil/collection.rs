//! A collection of badge tokens beside the registry.

use chain::{
    CollectionKind, CollectionSetup, ContractCall, DeployedCollection, LocalSigner, OwnerCall,
    SigningPolicy, TransactionRequest, TransactionSigner as _,
};
use domain::Fees;
use proof::{Address, Hash, TokenId, commitment};
use serde_json::json;

use crate::development_node::{CHAIN_ID, Deployed, SERVICE};

pub(crate) const ROOT: Hash = Hash([5; 32]);
pub(crate) const ALICE: Address = Address([0xa1; 20]);
pub(crate) const BOB: Address = Address([0xb0; 20]);

/// A registry and a collection, in which the service's signer may mint.
pub(crate) struct Minting {
    pub(crate) d: Deployed,
    pub(crate) collection: DeployedCollection,
    pub(crate) signer: LocalSigner,
}

impl Deployed {
    pub(crate) fn setup(&self) -> CollectionSetup {
        CollectionSetup {
            registry: self.registry.address,
            owner: self.owner.address(),
            guardian: None,
            minters: vec![self.signer.address()],
            name: "Badges".to_owned(),
            symbol: "BDG".to_owned(),
            base_uri: String::new(),
            locks_announced: true,
        }
    }
}

impl Minting {
    pub(crate) async fn start(kind: CollectionKind) -> Option<Self> {
        let d = Deployed::start().await?;
        d.node.rpc("evm_setAutomine", json!([true])).await;
        let collection = d.chain.deploy_collection(&d.owner, kind, &d.setup()).await;
        let collection = collection.expect("the deployment");
        let policy = SigningPolicy {
            chain_id: CHAIN_ID,
            registries: vec![d.registry.address],
            collections: vec![collection.address],
            gas_cap: 1 << 24,
            fee_cap: 1_000_000_000_000,
        };
        let signer = LocalSigner::from_dev_key(SERVICE, policy).expect("a key");
        d.as_owner(OwnerCall::AddOperator(collection.address)).await;
        Some(Self { d, collection, signer })
    }

    pub(crate) fn mint(&self, root: Hash, owners: &[Address]) -> ContractCall {
        let (collection, size) = (self.collection.address, owners.len() as u64);
        ContractCall::Mint { collection, size, root, owners: owners.to_vec() }
    }

    /// Signs, sends and mines; the gas used, or `None` where it reverted.
    pub(crate) async fn mine(&self, call: ContractCall, gas_limit: u64) -> Option<u64> {
        let at = chain::At::Head;
        let chain = &self.d.chain;
        let nonce = chain::Chain::nonce(chain, self.signer.address(), at).await.expect("anvil");
        let fees = Fees { max_fee: 10_000_000_000, max_priority_fee: 1 };
        let request = TransactionRequest { call, nonce, gas_limit, fees };
        let signed = self.signer.sign(&request).await.expect("allowed");
        chain::Chain::send(chain, &signed.raw).await.expect("taken");
        self.d.node.mine(1).await;
        let hash = format!("0x{}", signed.hash);
        let receipt = self.d.node.rpc("eth_getTransactionReceipt", json!([hash])).await;
        let used = receipt["gasUsed"].as_str().expect("it is mined").trim_start_matches("0x");
        let used = u64::from_str_radix(used, 16).expect("a number");
        (receipt["status"] == "0x1").then_some(used)
    }
}

/// The name of a batch that was minted with these leaves.
pub(crate) fn batch(size: u64) -> Hash {
    commitment(size, ROOT, Hash::ZERO)
}

pub(crate) fn token(size: u64, index: u32) -> TokenId {
    TokenId::of(batch(size), index)
}

/// Different owners, ascending.
pub(crate) fn owners(count: u64) -> Vec<Address> {
    let owner = |number: u64| {
        let mut owner = Address([0x11; 20]);
        owner.0[..8].copy_from_slice(&(number << 32 | 0x0101_0101).to_be_bytes());
        owner
    };
    (1..=count).map(owner).collect()
}
