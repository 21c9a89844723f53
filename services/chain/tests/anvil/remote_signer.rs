//! A signing service that is not ours: anvil signs with its accounts, over `eth_signTransaction`.

use chain::{
    RemoteInterface, RemoteService, RemoteSigner, SignError, SigningPolicy, TransactionRequest,
    TransactionSigner as _, decode,
};
use domain::Fees;
use proof::Address;

use crate::development_node::{CHAIN_ID, Deployed, DevelopmentNode};

const GWEI: u128 = 1_000_000_000;

fn service(node: &DevelopmentNode, address: Address) -> RemoteService {
    RemoteService {
        url: node.url.parse().expect("a URL"),
        address,
        token_file: None,
        interface: RemoteInterface::EthSignTransaction,
    }
}

fn policy(registry: Address) -> SigningPolicy {
    SigningPolicy {
        chain_id: CHAIN_ID,
        registries: vec![registry],
        collections: Vec::new(),
        gas_cap: 1_000_000,
        fee_cap: 1_000 * GWEI,
    }
}

#[tokio::test]
async fn what_another_implementation_signs_is_what_was_asked_for() {
    let Some(deployed) = Deployed::start().await else { return };
    let (registry, address) = (deployed.registry.address, deployed.signer.address());
    let service = service(&deployed.node, address);
    let signer = RemoteSigner::open(service, policy(registry)).await.expect("opened");
    for (nonce, gas_limit) in [(0, 100_000), (7, 1_000_000), (1 << 40, 30_000)] {
        let request = TransactionRequest {
            call: deployed.anchor(),
            nonce,
            gas_limit,
            fees: Fees { max_fee: 20 * GWEI, max_priority_fee: GWEI },
        };
        let remote = signer.sign(&request).await.expect("signed");
        let local = deployed.signer.sign(&request).await.expect("signed");
        assert_eq!(decode(&remote.raw).map(|it| (it.signer, it.nonce)), Ok((address, nonce)));
        // both sign deterministically (RFC 6979), so the bytes are the same
        assert_eq!(remote, local);
    }
}

#[tokio::test]
async fn an_account_that_the_service_has_not_signs_nothing() {
    let Some(deployed) = Deployed::start().await else { return };
    let registry = deployed.registry.address;
    let service = service(&deployed.node, Address([9; 20]));
    let signer = RemoteSigner::open(service, policy(registry)).await.expect("opened");
    let request = TransactionRequest {
        call: deployed.anchor(),
        nonce: 0,
        gas_limit: 100_000,
        fees: Fees { max_fee: 20 * GWEI, max_priority_fee: GWEI },
    };
    let refused = signer.sign(&request).await;
    assert!(matches!(refused, Err(SignError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn an_account_has_the_roles_that_the_owner_gave() {
    let Some(deployed) = Deployed::start().await else { return };
    let registry = deployed.registry.address;
    let (signer, stranger) = (deployed.signer.address(), deployed.stranger.address());
    let roles = deployed.chain.roles(registry, signer).await.expect("read");
    assert!(roles.operator && roles.revoker && !roles.paused, "{roles:?}");
    let roles = deployed.chain.roles(registry, stranger).await.expect("read");
    assert!(!roles.operator && !roles.revoker && !roles.paused, "{roles:?}");
    deployed.as_owner(chain::OwnerCall::Pause).await;
    assert!(deployed.chain.roles(registry, signer).await.expect("read").paused);
    assert!(deployed.chain.roles(signer, signer).await.is_err(), "there is no contract");
}
