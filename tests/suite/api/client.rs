//! A service with its router, and calls to it without a socket.

use std::sync::Arc;

use api::{ApiConfig, ApiState, TokenSecret};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use domain::{
    AccountId, ApiKey, ApiKeyRecord, Clock as _, IssuerId, Position, Scopes, SeededEntropy, Stream,
};
use proof::{
    Address, Control, IssuerEntry, ReceiptKey, ReceiptKeyEntry, RegistryEntry, Timestamp,
    TrustFile, checksummed,
};
use serde_json::{Value, json};
use store::{Committer, CommitterLimits, ErasureJournal, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::support::{Service, owner};

pub(super) const ISSUER: &str = "https://hanbit.example/";
/// An address of EIP-55's own examples.
pub(super) const CHECKSUMMED: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

pub(crate) struct Api {
    pub(super) service: Service,
    /// A key of the account with the scopes ingest and read.
    pub(super) key: String,
    pub(super) receipt_key: ReceiptKeyEntry,
    state: ApiState,
    router: Router,
    entropy: SeededEntropy,
    /// Deleted when dropped.
    journal: TempDir,
}

/// Another process of a service, on the same database.
pub(super) struct Replica(Router);

pub(crate) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Api {
    pub(super) async fn on(store: Arc<dyn Store>) -> Self {
        Self::with(store, |_| {}).await
    }

    /// With a collection of tokens.
    pub(super) async fn minting(store: Arc<dyn Store>) -> Self {
        Self::before(Service::minting(store).await, |_| {}).await
    }

    /// A service that has published a trust file, with some of its parts altered.
    pub(super) async fn with(store: Arc<dyn Store>, alter: impl FnOnce(&mut ApiState)) -> Self {
        Self::before(Service::on(store).await, alter).await
    }

    /// Around a service that has been working.
    pub(crate) async fn around(service: Service) -> Self {
        Self::before(service, |_| {}).await
    }

    async fn before(service: Service, alter: impl FnOnce(&mut ApiState)) -> Self {
        let store = Arc::clone(&service.store);
        let receipt_key = Arc::new(ReceiptKey::from_seed([3; 32]));
        let public = ReceiptKeyEntry::new(receipt_key.public(), Timestamp::default());
        let trust = trust(&service, public).await;
        store.publish_trust(&trust, 0, service.clock.now()).await.unwrap();
        let limits = CommitterLimits::default();
        let (committer, _task) = Committer::start(store, service.stream.id, limits);
        let journal = tempfile::tempdir().unwrap();
        let mut state = ApiState {
            store: Arc::clone(&service.store),
            committer,
            erasures: Arc::new(ErasureJournal::open(&journal.path().join("erasures.log")).unwrap()),
            stream: service.stream.clone(),
            receipt_key,
            clock: service.clock.clone(),
            entropy: Arc::new(SeededEntropy::new(11)),
            token_secret: TokenSecret::new([5; 32]),
            config: ApiConfig::default(),
            chains: vec![service.chain.clone()],
            start_checks: api::StartChecks::passed(),
        };
        alter(&mut state);
        let router = api::router(state.clone());
        let entropy = SeededEntropy::new(12);
        let mut api = Self {
            service,
            key: String::new(),
            receipt_key: public,
            state,
            router,
            entropy,
            journal,
        };
        api.key = api.new_key(api.service.account, "ingest,read", &[]).await;
        api
    }

    /// What the service is made of.
    pub(super) const fn state(&self) -> &ApiState {
        &self.state
    }

    /// The public routes of this service.
    pub(super) const fn routes(&self) -> &Router {
        &self.router
    }

    /// The public routes of another process of this service, altered.
    pub(super) fn routes_with(&self, alter: impl FnOnce(&mut ApiState)) -> Router {
        let mut state = self.state.clone();
        alter(&mut state);
        api::router(state)
    }

    /// The process is started again, with another registry and a promise of half the length.
    pub(super) async fn move_to_another_registry(&mut self) {
        let Stream { chain_id, service, promise_ms, .. } = self.state.stream.clone();
        let registry = Address([0xb2; 20]);
        let (store, now) = (Arc::clone(&self.service.store), self.service.clock.now());
        let stream = store.stream(chain_id, registry, &service, promise_ms / 2, now).await.unwrap();
        let (committer, _task) = Committer::start(store, stream.id, CommitterLimits::default());
        self.state = ApiState { stream, committer, ..self.state.clone() };
        self.router = api::router(self.state.clone());
    }

    /// What the journal of erasures says.
    pub(super) fn erasures(&self) -> Vec<(Position, Timestamp)> {
        let path = self.journal.path().join("erasures.log");
        ErasureJournal::read(&path).unwrap().erasures
    }

    pub(super) async fn new_key(
        &self,
        account: AccountId,
        scopes: &str,
        issuers: &[IssuerId],
    ) -> String {
        let key = ApiKey::generate(&self.entropy);
        let record = ApiKeyRecord {
            hash: key.hash(),
            account,
            shown: key.shown().to_owned(),
            scopes: scopes.parse::<Scopes>().unwrap(),
            issuers: issuers.to_vec(),
            created_at: self.service.clock.now(),
            expires_at: None,
            revoked_at: None,
        };
        self.service.store.add_key(&record).await.unwrap();
        key.reveal().to_owned()
    }

    /// A process that remembers nothing yet.
    pub(super) fn replica(&self) -> Replica {
        let store = Arc::clone(&self.service.store);
        let limits = CommitterLimits::default();
        let (committer, _task) = Committer::start(store, self.state.stream.id, limits);
        Replica(api::router(ApiState { committer, ..self.state.clone() }))
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    /// With the account's key.
    pub(super) async fn call(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        self.call_as(&self.key, method, path, body).await
    }

    pub(super) async fn call_as(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> Answer {
        self.send(request(key, method, path, body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Body::empty()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, body.to_string()).await
    }

    /// As [`Api::post`], at other routes.
    pub(super) async fn post_at(&self, routes: &Router, path: &str, body: String) -> Answer {
        send(routes, request(&self.key, "POST", path, body)).await
    }

    /// Without a key, at other routes.
    pub(super) async fn get_at(&self, routes: &Router, path: &str) -> Answer {
        send(routes, Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Without a key.
    pub(crate) async fn public(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, body.to_string()).await
    }

    /// A new badge; its answer.
    pub(super) async fn submit(&mut self, number: u32) -> Value {
        self.accepted(&submission(number)).await
    }

    /// A new badge as described; its answer.
    pub(super) async fn accepted(&mut self, submission: &Value) -> Value {
        let answer = self.post("/v1/badges", submission).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        let answer = answer.json();
        self.service.accepted.push(position(&answer));
        answer
    }

    /// New badges for these owners, with their tokens on chain at final blocks.
    pub(super) async fn minted(&mut self, owners: &[u8]) -> Vec<Position> {
        let mut badges = Vec::new();
        for (number, of) in (0..).zip(owners) {
            let answer = self.accepted(&given_to(number, shown(*of))).await;
            badges.push(position(&answer));
        }
        self.service.grow_mints_old();
        self.service.until_minted(&badges).await;
        badges
    }

    /// Badges that are final, and their answers.
    pub(super) async fn finished(&mut self, count: u32) -> Vec<Value> {
        let mut answers = Vec::new();
        for number in 0..count {
            answers.push(self.submit(number).await);
        }
        self.service.grow_old();
        self.service.until_final().await;
        answers
    }
}

impl Replica {
    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.0, request).await
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: head.status, headers: head.headers, body }
}

/// A request with this API key.
pub(super) fn request(key: &str, method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {key}"));
    request.body(body.into()).unwrap()
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of a problem, after a look at its form.
    pub(super) fn problem(&self) -> String {
        let text = self.text();
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{text}");
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16());
        let code = document["code"].as_str().unwrap();
        assert_eq!(document["type"], format!("/v1/problems/{code}"));
        assert!(document["title"].is_string() && document["detail"].is_string());
        code.to_owned()
    }
}

/// Status, code and pointer of a refusal.
pub(super) fn refusal(answer: &Answer) -> (u16, String, Value) {
    (answer.status.as_u16(), answer.problem(), answer.json()["pointer"].clone())
}

/// The badge of an answer.
pub(super) fn position(answer: &Value) -> Position {
    answer["id"].as_str().unwrap().parse().unwrap()
}

/// An Open Badge of the account's issuer.
pub(super) fn credential(number: u32) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": format!("urn:uuid:00000000-0000-4000-8000-{number:012}"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": ISSUER, "type": ["Profile"], "name": "한빛대학교"},
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "name": "김서연"},
    })
}

pub(super) fn submission(number: u32) -> Value {
    json!({"credential": credential(number), "externalId": format!("수료-{number}")})
}

/// A submission that asks for a token.
pub(super) fn given_to(number: u32, recipient: impl Into<Value>) -> Value {
    let mut submission = submission(number);
    submission["recipient"] = recipient.into();
    submission
}

/// A wallet's address with its checksum.
pub(super) fn shown(number: u8) -> String {
    checksummed(&owner(number))
}

async fn trust(service: &Service, receipt_key: ReceiptKeyEntry) -> TrustFile {
    let collections = service.store.collections().await.unwrap().into_iter();
    TrustFile {
        service: service.stream.service.clone(),
        registries: vec![RegistryEntry {
            chain_id: service.stream.chain_id,
            registry: service.stream.registry,
            token_contracts: collections.filter_map(|one| one.stream.kind.collection()).collect(),
            from_block: 0,
            until_block: None,
            distrusted_operators: Vec::new(),
        }],
        receipt_keys: vec![receipt_key],
        issuers: vec![IssuerEntry {
            identifier: ISSUER.parse().unwrap(),
            aliases: Vec::new(),
            control: Control::Manual,
            control_shown_at: service.clock.now(),
        }],
        published_at: service.clock.now(),
    }
}
