//! anvil, started for one test and stopped after it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chain::{
    ChainProfile, ContractCall, DeployedRegistry, EvmChain, Finality, LocalSigner, OwnerCall,
    OwnerKey, RegistryRoles, SignedTransaction, SigningPolicy, TransactionRequest,
    TransactionSigner as _,
};
use domain::{Fees, RevocationReason};
use proof::{Address, Hash};
use serde_json::{Value, json};

pub(crate) const CHAIN_ID: u64 = 31_337;
pub(crate) const COMMITMENT: Hash = Hash([9; 32]);
const GWEI: u128 = 1_000_000_000;
/// anvil's first three accounts.
const OWNER: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
pub(crate) const SERVICE: &str =
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const STRANGER: &str = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

/// A running anvil. It ends with the value.
pub(crate) struct DevelopmentNode {
    process: Child,
    pub(crate) url: String,
}

impl Drop for DevelopmentNode {
    fn drop(&mut self) {
        // it may have ended by itself, and there is nobody left to tell
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn binary() -> Option<PathBuf> {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/node_modules/.bin/anvil");
    let path = std::env::var_os("ANVIL").map_or_else(|| PathBuf::from(installed), PathBuf::from);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("INGAM_SKIP_ANVIL").is_some_and(|value| value == "1"),
        "{} does not exist: install the contract tools, name another one in ANVIL, or set \
         INGAM_SKIP_ANVIL=1 to do without these tests",
        path.display()
    );
    eprintln!("skipped: no anvil, and INGAM_SKIP_ANVIL=1");
    None
}

impl DevelopmentNode {
    /// `None` where the tests may be skipped and there is no anvil.
    pub(crate) fn start() -> Option<Self> {
        // the tests' own HTTP clients need one; another test may have been first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut process = Command::new(binary()?)
            .args(["--port", "0", "--enable-tx-gas-limit", "--slots-in-an-epoch", "1"])
            .args(["--chain-id", &CHAIN_ID.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("anvil starts");
        let output = process.stdout.take().expect("standard output is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.strip_prefix("Listening on ")?.to_owned()));
        // what anvil prints later must go somewhere, or it stops when the pipe is full
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://{}", address.expect("anvil listens"));
        Some(Self { process, url })
    }

    /// Calls one of anvil's own methods.
    pub(crate) async fn rpc(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let client = reqwest::Client::new();
        let response = client.post(&self.url).json(&request).send().await.expect("anvil answers");
        let mut answer: Value = response.json().await.expect("anvil answers JSON");
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    pub(crate) async fn mine(&self, blocks: u64) {
        self.rpc("anvil_mine", json!([format!("{blocks:#x}")])).await;
    }

    pub(crate) fn profile(&self) -> ChainProfile {
        profile(&[&self.url])
    }
}

pub(crate) fn profile(urls: &[&str]) -> ChainProfile {
    ChainProfile {
        chain_id: CHAIN_ID,
        rpc_urls: urls.iter().map(|url| url.parse().expect("a URL")).collect(),
        finality: Finality::Tag,
        min_depth: 0,
        gas_cap: 5_000_000,
        timeout: Duration::from_secs(10),
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
        let chain = EvmChain::connect(node.profile()).await.expect("anvil is of this chain");
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
