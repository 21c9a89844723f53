//! A signing service that can fail: `eth_signTransaction`, on a port of this machine.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chain::{
    ContractCall, LocalSigner, RemoteInterface, RemoteService, RemoteSigner, SigningPolicy,
    TransactionRequest, TransactionSigner,
};
use domain::Fees;
use serde_json::{Value, json};

use super::service::{DEV_KEY, OTHER_KEY};

/// What it does instead of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SigningFault {
    Throttled,
    Down,
    /// A page of some proxy, with status 200.
    Page,
    /// Signs with another key.
    OtherKey,
    /// Signs, with our key, another transaction than it was asked for.
    OtherTransaction,
}

/// The service, with the key of the tests' signer.
pub(crate) struct SigningService {
    pub(crate) key: Arc<dyn TransactionSigner>,
    inner: Arc<Inner>,
}

struct Inner {
    fault: Mutex<Option<SigningFault>>,
    asked: AtomicUsize,
    policy: SigningPolicy,
}

impl SigningService {
    pub(crate) async fn start(policy: SigningPolicy) -> Self {
        let inner =
            Inner { fault: Mutex::new(None), asked: AtomicUsize::new(0), policy: policy.clone() };
        let inner = Arc::new(inner);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = axum::Router::new()
            .route("/", axum::routing::post(answer))
            .with_state(Arc::clone(&inner));
        // ends with the test's runtime
        tokio::spawn(async move { axum::serve(listener, router).await });
        let service = RemoteService {
            url: url.parse().unwrap(),
            address: LocalSigner::from_dev_key(DEV_KEY, policy.clone()).unwrap().address(),
            token_file: None,
            interface: RemoteInterface::EthSignTransaction,
        };
        let key = Arc::new(RemoteSigner::open(service, policy).await.unwrap());
        Self { key, inner }
    }

    pub(crate) fn set(&self, fault: Option<SigningFault>) {
        *self.inner.fault.lock().unwrap() = fault;
    }

    /// How often it was asked, since this was asked last.
    pub(crate) fn asked(&self) -> usize {
        self.inner.asked.swap(0, Ordering::Relaxed)
    }
}

async fn answer(State(inner): State<Arc<Inner>>, Json(asked): Json<Value>) -> Response {
    inner.asked.fetch_add(1, Ordering::Relaxed);
    let fault = *inner.fault.lock().unwrap();
    match fault {
        Some(SigningFault::Throttled) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(SigningFault::Down) => StatusCode::BAD_GATEWAY.into_response(),
        Some(SigningFault::Page) => "<html><body>Please sign in</body></html>".into_response(),
        fault => {
            let mut request = request(&asked["params"][0]);
            if fault == Some(SigningFault::OtherTransaction) {
                request.nonce += 1;
            }
            let key = if fault == Some(SigningFault::OtherKey) { OTHER_KEY } else { DEV_KEY };
            let key = LocalSigner::from_dev_key(key, inner.policy.clone()).unwrap();
            let raw = key.sign(&request).await.unwrap().raw;
            let raw = raw.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            let result = format!("0x{raw}");
            Json(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result })).into_response()
        }
    }
}

/// The fields of an EIP-1559 transaction as they are on the wire.
fn request(fields: &Value) -> TransactionRequest {
    let digits = |name: &str| fields[name].as_str().unwrap().strip_prefix("0x").unwrap();
    let number = |name: &str| u128::from_str_radix(digits(name), 16).unwrap();
    let input: Vec<u8> = digits("input")
        .as_bytes()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    assert_eq!((number("value"), number("chainId"), number("type")), (0, 31_337, 2));
    let contract = serde_json::from_value(fields["to"].clone()).unwrap();
    TransactionRequest {
        call: ContractCall::from_input(contract, &input).unwrap(),
        nonce: u64::try_from(number("nonce")).unwrap(),
        gas_limit: u64::try_from(number("gas")).unwrap(),
        fees: Fees {
            max_fee: number("maxFeePerGas"),
            max_priority_fee: number("maxPriorityFeePerGas"),
        },
    }
}
