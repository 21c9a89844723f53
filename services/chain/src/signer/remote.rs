//! A signing service of one's own, reached over HTTP: Web3Signer and what speaks its interfaces.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy::consensus::{SignableTransaction as _, Signed, TxEip1559};
use alloy::eips::eip2718::Decodable2718 as _;
use alloy::primitives::{Address as EvmAddress, Bytes, Signature};
use alloy::rpc::json_rpc::{Id, Request, Response, ResponsePayload};
use alloy::rpc::types::{TransactionInput, TransactionRequest as RpcTransaction};
use proof::Address;
use reqwest::RequestBuilder;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::guarded::{Guarded, SigningKey};
use super::key_service::{KeyServiceError, Patience, ask, client, cut, parse};
use crate::{RpcUrl, SigningPolicy};

/// How the service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemoteInterface {
    /// Web3Signer's REST interface in its mode `eth1`: `GET /api/v1/eth1/publicKeys` at the start, then
    /// `POST /api/v1/eth1/sign/{public key}` with `{"data": …}`. The service signs Keccak-256 of the
    /// data, which is the transaction without signature: it returns nothing but r, s and v, and so
    /// cannot put another transaction in the place of ours.
    #[default]
    Web3Signer,
    /// JSON-RPC `eth_signTransaction` (execution-apis), which Web3Signer, op-signer and others have. The
    /// service sees the fields and can have rules of its own; the transaction that comes back has to be
    /// exactly the one that was asked for.
    EthSignTransaction,
}

/// Where the service is, and whose key it shall use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteService {
    /// Its base; the interface's paths are added to it.
    pub url: RpcUrl,
    /// The account. A signature of another is refused.
    pub address: Address,
    /// Holds a token that is sent as `Authorization: Bearer`; read for each question, so that it can
    /// be replaced while the service runs.
    pub token_file: Option<PathBuf>,
    /// How it is asked.
    pub interface: RemoteInterface,
}

/// The key of a [`RemoteSigner`].
pub struct RemoteKey {
    service: RemoteService,
    http: reqwest::Client,
    patience: Patience,
    /// What Web3Signer calls the key: its public key as it lists it.
    identifier: Option<String>,
    next_id: AtomicU64,
}

/// A signer whose key is in a signing service.
pub type RemoteSigner = Guarded<RemoteKey>;

impl RemoteSigner {
    /// Finds the key. A service with [`RemoteInterface::EthSignTransaction`] is not asked, since many
    /// list no accounts: whether it has the key shows with the first signature.
    ///
    /// # Errors
    /// See [`KeyServiceError`].
    pub async fn open(
        service: RemoteService,
        policy: SigningPolicy,
    ) -> Result<Self, KeyServiceError> {
        let mut key = RemoteKey {
            service,
            http: client()?,
            patience: Patience::default(),
            identifier: None,
            next_id: AtomicU64::new(1),
        };
        if key.service.interface == RemoteInterface::Web3Signer {
            key.identifier = Some(key.find().await?);
        }
        Ok(Self::new(key, policy))
    }

    #[cfg(test)]
    pub(super) fn set_patience(&mut self, within: std::time::Duration) {
        self.key_mut().patience = Patience(within);
    }
}

#[derive(serde::Serialize)]
struct SignData {
    data: Bytes,
}

/// The specification has the raw bytes; geth's answer is an object that holds them.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawTransaction {
    Bytes(Bytes),
    Object { raw: Bytes },
}

impl RemoteKey {
    /// What the service calls our key.
    async fn find(&self) -> Result<String, KeyServiceError> {
        let request = self.http.get(self.endpoint(&["publicKeys"]));
        let keys = self.exchange(request).await;
        let keys: Vec<String> = keys
            .and_then(|body| parse(&body).map_err(|why| self.told(&why)))
            .map_err(KeyServiceError::Unavailable)?;
        let ours = keys.iter().find(|key| address_of(key) == Some(self.service.address));
        let (url, address) = (&self.service.url, self.service.address);
        let none = || KeyServiceError::Key(format!("{url} lists no public key of {address}"));
        ours.cloned().ok_or_else(none)
    }

    fn endpoint(&self, path: &[&str]) -> reqwest::Url {
        let mut url = self.service.url.url().clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1", "eth1"]).extend(path);
        }
        url
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Vec<u8>, String> {
        let asked = async {
            let token = self.token().await?;
            ask(request, token.as_ref().map(|token| token.as_str())).await
        };
        self.patience.with(asked).await.map_err(|why| self.told(&why))
    }

    async fn token(&self) -> Result<Option<Zeroizing<String>>, String> {
        let Some(file) = &self.service.token_file else { return Ok(None) };
        let read = tokio::fs::read_to_string(file).await.map(Zeroizing::new);
        let text = read.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        Ok(Some(Zeroizing::new(text.trim().to_owned())))
    }

    /// What went wrong, with the service's name and without its secrets.
    fn told(&self, why: &str) -> String {
        format!("{}: {}", self.service.url, cut(&self.service.url.redact(why)))
    }

    async fn sign_data(
        &self,
        identifier: &str,
        transaction: &TxEip1559,
    ) -> Result<Signature, String> {
        let data = transaction.encoded_for_signing().into();
        let request = self.http.post(self.endpoint(&["sign", identifier]));
        let body = self.exchange(request.json(&SignData { data })).await?;
        let text = std::str::from_utf8(&body).unwrap_or_default().trim().trim_matches('"');
        let mut signature = [0; 65];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut signature)
            .map_err(|_| self.told("the answer is not a signature of 65 bytes"))?;
        Ok(Signature::from_bytes_and_parity(&signature, false))
    }

    async fn sign_transaction(&self, transaction: &TxEip1559) -> Result<Signature, String> {
        let mut fields = RpcTransaction::from_transaction(transaction.clone());
        fields.from = Some(EvmAddress::from(self.service.address.0));
        // older services know the one name, newer ones the other
        fields.input = TransactionInput::both(transaction.input.clone());
        let id = Id::Number(self.next_id.fetch_add(1, Ordering::Relaxed));
        let request = Request::new("eth_signTransaction", id.clone(), (fields,));
        let request = self.http.post(self.service.url.url().clone()).json(&request);
        let body = self.exchange(request).await?;
        let response: Response = parse(&body).map_err(|why| self.told(&why))?;
        if response.id != id {
            return Err(self.told("the answer is to another request"));
        }
        let result = match response.payload {
            ResponsePayload::Success(result) => result,
            ResponsePayload::Failure(error) => {
                return Err(self.told(&format!("{} ({})", error.message, error.code)));
            }
        };
        let raw = match parse(result.get().as_bytes()).map_err(|why| self.told(&why))? {
            RawTransaction::Bytes(raw) | RawTransaction::Object { raw } => raw,
        };
        let signed = Signed::<TxEip1559>::decode_2718_exact(&raw)
            .map_err(|_| self.told("the result is not an EIP-1559 transaction"))?;
        if signed.tx() != transaction {
            return Err(self.told("another transaction came back than was to be signed"));
        }
        Ok(*signed.signature())
    }
}

#[async_trait::async_trait]
impl SigningKey for RemoteKey {
    fn address(&self) -> Address {
        self.service.address
    }

    async fn sign(&self, transaction: &TxEip1559) -> Result<Signature, String> {
        match &self.identifier {
            Some(identifier) => self.sign_data(identifier, transaction).await,
            None => self.sign_transaction(transaction).await,
        }
    }
}

/// The account of a public key in hexadecimal: 64 bytes, or 65 or 33 in the forms of SEC 1.
fn address_of(public_key: &str) -> Option<Address> {
    let digits = public_key.strip_prefix("0x").unwrap_or(public_key);
    let mut point = hex::decode(digits).ok()?;
    if point.len() == 64 {
        point.insert(0, 4);
    }
    let key = alloy::signers::k256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
    Some(Address(EvmAddress::from_public_key(&key).into_array()))
}
