//! What every handler works with.

use std::sync::Arc;

use chain::Chain;
use domain::{Clock, Entropy, GatePolicy, Stream};
use proof::{ReceiptKey, Timestamp};
use store::{Committer, ErasureJournal, Store};
use tokio::sync::Semaphore;

use crate::ApiConfig;
use crate::TokenSecret;
use crate::authentication::KeyMemory;
use crate::collections::CollectionDirectory;
use crate::idempotency::Running;
use crate::intake_gate::IntakeGate;
use crate::issuers::IssuerDirectory;
use crate::limits::RateLimits;
use crate::restored::RestoreWatch;
use crate::start_checks::StartChecks;
use crate::streams::StreamDirectory;
use crate::trust::TrustMemory;

/// What the service is made of. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The queue in front of it, for `stream`.
    pub committer: Committer,
    /// Where erasures are written down before they are done.
    pub erasures: Arc<ErasureJournal>,
    /// Where new badges go.
    pub stream: Stream,
    /// Signs receipts; its public half MUST be in the published trust file.
    pub receipt_key: Arc<ReceiptKey>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Salts and request ids.
    pub entropy: Arc<dyn Entropy>,
    /// Makes proof tokens; changing it invalidates all of them.
    pub token_secret: TokenSecret,
    /// Settings.
    pub config: ApiConfig,
    /// Nodes to ask in verifications, one entry a chain; a chain that is missing is "could not be
    /// checked".
    pub chains: Vec<Arc<dyn Chain>>,
    /// Until they are passed no badge and no request for a token is taken in.
    pub start_checks: StartChecks,
}

impl ApiState {
    /// When intake closes.
    #[must_use]
    pub fn gate_policy(&self) -> GatePolicy {
        GatePolicy {
            promise_ms: self.stream.promise_ms,
            at_risk_ms: self.config.at_risk_ms,
            batch_badges: self.config.batch_badges,
            batches_at_once: self.config.batches_at_once,
        }
    }
}

/// [`ApiState`] and what is remembered between requests.
pub(crate) struct Service {
    pub(crate) state: ApiState,
    pub(crate) keys: KeyMemory,
    pub(crate) issuers: IssuerDirectory,
    pub(crate) streams: StreamDirectory,
    pub(crate) collections: CollectionDirectory,
    pub(crate) rates: RateLimits,
    pub(crate) running: Running,
    pub(crate) gate: IntakeGate,
    pub(crate) restored: RestoreWatch,
    pub(crate) trust: TrustMemory,
    pub(crate) bulk_places: Semaphore,
    pub(crate) image_places: Semaphore,
}

pub(crate) type Shared = Arc<Service>;

impl Service {
    pub(crate) fn new(state: ApiState) -> Shared {
        let limits = &state.config.limits;
        Arc::new(Self {
            keys: KeyMemory::new(),
            issuers: IssuerDirectory::new(),
            streams: StreamDirectory::new(state.stream.clone()),
            collections: CollectionDirectory::new(),
            rates: RateLimits::new(limits),
            running: Running::default(),
            gate: IntakeGate::new(),
            restored: RestoreWatch::new(),
            trust: TrustMemory::new(),
            bulk_places: Semaphore::new(limits.bulk_in_flight),
            image_places: Semaphore::new(limits.images_in_flight),
            state,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.state.store.as_ref()
    }
}
