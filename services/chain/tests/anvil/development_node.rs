//! anvil with a registry on it.

use std::time::Duration;

use chain::{
    ChainProfile, ContractCall, DeployedRegistry, EvmChain, Finality, LocalSigner, NodePolicy,
    OwnerCall, OwnerKey, RegistryRoles, SignedTransaction, SigningPolicy, TransactionRequest,
    TransactionSigner as _,
};
use domain::{Fees, RevocationReason};
use proof::{Address, Hash};
use serde_json::json;

pub(crate) use chaos_rpc::DevelopmentNode;

pub(crate) const CHAIN_ID: u64 = DevelopmentNode::CHAIN_ID;
pub(crate) const COMMITMENT: Hash = Hash([9; 32]);
const GWEI: u128 = 1_000_000_000;
/// anvil's first three accounts.
const OWNER: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
pub(crate) const SERVICE: &str =
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const STRANGER: &str = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

/// The profile of a node alone.
pub(crate) fn profile_of(node: &DevelopmentNode) -> ChainProfile {
    profile(&[&node.url])
}

/// For machines that are loaded: late nodes are waited for as long as a call may take, and nodes that
/// are put aside are tried again at once.
pub(crate) const PATIENT: NodePolicy = NodePolicy {
    timeout: Duration::from_secs(10),
    late_answers: Duration::from_secs(10),
    max_lag: 4,
    quarantine: Duration::ZERO,
    agreeing: 2,
};

pub(crate) fn profile(urls: &[&str]) -> ChainProfile {
    ChainProfile {
        chain_id: CHAIN_ID,
        rpc_urls: urls.iter().map(|url| url.parse().expect("a URL")).collect(),
        finality: Finality::Tag,
        min_depth: 0,
        gas_cap: 5_000_000,
        nodes: PATIENT,
    }
}

/// A node with a registry, of which the service's signer is operator and revoker. Blocks are mined
/// only when a test asks for them.
pub(crate) struct Deployed {
    pub(crate) node: DevelopmentNode,
    pub(crate) chain: EvmChain,
    pub(crate) owner: OwnerKey,
    pub(crate) registry: DeployedRegistry,
    pub(crate) signer: LocalSigner,
    pub(crate) stranger: LocalSigner,
}

impl Deployed {
    pub(crate) async fn start() -> Option<Self> {
        let node = DevelopmentNode::start()?;
        let chain = EvmChain::connect(profile_of(&node)).await.expect("anvil is of this chain");
        let owner = OwnerKey::from_dev_key(OWNER).expect("a key");
        let policy = |registry| SigningPolicy {
            chain_id: CHAIN_ID,
            registries: vec![registry],
            collections: Vec::new(),
            gas_cap: 5_000_000,
            fee_cap: 1000 * GWEI,
        };
        let key = |key, registry| LocalSigner::from_dev_key(key, policy(registry)).expect("a key");
        let service = key(SERVICE, Address([0; 20])).address();
        let roles = RegistryRoles {
            owner: owner.address(),
            guardian: None,
            operators: vec![service],
            revokers: vec![service],
        };
        let registry = chain.deploy_registry(&owner, &roles).await.expect("the deployment");
        let signer = key(SERVICE, registry.address);
        let stranger = key(STRANGER, registry.address);
        node.rpc("evm_setAutomine", json!([false])).await;
        Some(Self { node, chain, owner, registry, signer, stranger })
    }

    pub(crate) fn anchor(&self) -> ContractCall {
        ContractCall::Anchor { registry: self.registry.address, commitment: COMMITMENT }
    }

    pub(crate) fn revoke(&self, indexes: &[u32]) -> ContractCall {
        ContractCall::Revoke {
            registry: self.registry.address,
            commitment: COMMITMENT,
            indexes: indexes.to_vec(),
            reason: RevocationReason::Superseded,
        }
    }

    /// Sends a transaction of one of anvil's own accounts, or of a pretended one, and mines it.
    pub(crate) async fn act_as(&self, account: Address, contract: Address, input: Vec<u8>) {
        self.node.rpc("anvil_impersonateAccount", json!([account])).await;
        self.node.rpc("anvil_setBalance", json!([account, "0xde0b6b3a7640000"])).await;
        let input = format!("0x{}", hex::encode(input));
        let sent = json!({ "from": account, "to": contract, "data": input, "gas": "0x100000" });
        let hash = self.node.rpc("eth_sendTransaction", json!([sent])).await;
        self.node.mine(1).await;
        let receipt = self.node.rpc("eth_getTransactionReceipt", json!([hash])).await;
        assert_eq!(receipt["status"], "0x1", "{receipt}");
    }

    pub(crate) async fn sign(
        &self,
        call: ContractCall,
        nonce: u64,
        gwei: u128,
    ) -> SignedTransaction {
        let fees = Fees { max_fee: gwei * GWEI, max_priority_fee: GWEI };
        let request = TransactionRequest { call, nonce, gas_limit: 200_000, fees };
        self.signer.sign(&request).await.expect("allowed")
    }

    pub(crate) async fn as_owner(&self, call: OwnerCall) {
        self.as_owner_of(self.registry.address, call).await;
    }

    pub(crate) async fn as_owner_of(&self, contract: Address, call: OwnerCall) {
        self.node.rpc("evm_setAutomine", json!([true])).await;
        let done = self.chain.call_as_owner(&self.owner, contract, call).await;
        done.expect("the owner may");
        self.node.rpc("evm_setAutomine", json!([false])).await;
    }
}
