//! The promise: intake closes before it is at risk, reads never do, what is overdue stays on record,
//! and a badge of the service's own goes all the way.

mod breaches;
mod canary;
mod clocks;
mod intake;
mod reads;
mod restored;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chain::Chain as _;
use domain::{Clock, ManualClock, Standing};
use proof::{ReceiptKey, Timestamp};
use serde_json::{Value, json};
use store::{ReceiptKeyRecord, Store};
use worker::{PromiseWatch, WatchParts};

use super::client::{Answer, Api, submission};
use crate::support::HOUR_MS;

/// Between two looks of these tests.
const STEP_MS: i64 = HOUR_MS / 6;

/// A service under watch.
struct Watched {
    api: Api,
    watch: PromiseWatch,
    host: Arc<HostClock>,
    submitted: u32,
}

/// The clock of the host, which may be wrong; the chain keeps the right time.
struct HostClock {
    right: Arc<ManualClock>,
    off_ms: AtomicI64,
}

impl Clock for HostClock {
    fn now(&self) -> Timestamp {
        self.right.now().plus_millis(self.off_ms.load(Ordering::SeqCst))
    }
}

impl Watched {
    async fn on(store: Arc<dyn Store>) -> Self {
        let api = Api::on(store).await;
        let right = api.service.clock.clone();
        let host = Arc::new(HostClock { right, off_ms: AtomicI64::new(0) });
        let key = api.state().receipt_key.clone();
        record(&api, &key).await;
        let watch = watch(&api, host.clone(), true, Some(key));
        Self { api, watch, host, submitted: 100 }
    }

    async fn look(&mut self) -> Standing {
        self.watch.round().await.unwrap()
    }

    /// Time goes by with looks and rounds of the worker; `blocks` says whether the chain makes any.
    async fn hours(&mut self, hours: i64, blocks: bool) {
        for _ in 0..hours * HOUR_MS / STEP_MS {
            self.api.service.clock.advance(STEP_MS);
            if blocks {
                self.api.service.chain.mine();
            }
            let _ = self.api.service.work().await;
            self.look().await;
        }
    }

    /// Some blocks and looks in quick succession.
    async fn moments(&mut self, count: usize) {
        for _ in 0..count {
            self.api.service.block();
            let _ = self.api.service.work().await;
            self.look().await;
        }
    }

    /// Posts a badge nobody has posted before.
    async fn post(&mut self) -> Answer {
        // figures may be two seconds old
        self.api.service.clock.advance(2_001);
        self.submitted += 1;
        let answer = self.api.post("/v1/badges", &submission(self.submitted)).await;
        if answer.status == 202 {
            let id = answer.json()["id"].as_str().unwrap().parse().unwrap();
            self.api.service.accepted.push(id);
        }
        answer
    }

    /// Status and detail of posting a new badge.
    async fn closed(&mut self) -> Option<String> {
        let answer = self.post().await;
        if answer.status == 202 {
            return None;
        }
        assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (503, "promise_at_risk"));
        assert!(answer.header("retry-after").is_some());
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        let intake = self.told().await["intake"].clone();
        let reason = intake["reason"].as_str().unwrap();
        assert!(detail.starts_with(reason), "{detail} is not for {reason}");
        assert_eq!(intake["open"], false);
        Some(reason.to_owned())
    }

    /// What everybody is told.
    async fn told(&self) -> Value {
        self.api.service.clock.advance(2_001);
        self.api.public("GET", "/v1/promise", "").await.json()
    }

    /// The same of the one chain.
    async fn told_of_chain(&self) -> Value {
        let told = self.told().await;
        assert_eq!(told["chains"].as_array().unwrap().len(), 1);
        assert_eq!(told["chains"][0]["chainId"], json!(self.api.service.chain.chain_id()));
        told["chains"][0].clone()
    }

    async fn breaches(&self) -> Vec<Value> {
        let page = self.api.public("GET", "/v1/promise/breaches", "").await.json();
        page["items"].as_array().unwrap().clone()
    }
}

fn watch(
    api: &Api,
    clock: Arc<dyn Clock>,
    by_worker: bool,
    receipt_key: Option<Arc<ReceiptKey>>,
) -> PromiseWatch {
    PromiseWatch::new(WatchParts {
        store: Arc::clone(&api.service.store),
        chain: api.service.chain.clone(),
        clock,
        policy: api.state().gate_policy(),
        by_worker,
        receipt_key,
    })
}

/// As a process of the API does at its start.
async fn record(api: &Api, key: &ReceiptKey) {
    let record = ReceiptKeyRecord {
        key_id: key.key_id(),
        public_key: key.public().0,
        not_before: api.service.clock.now(),
        not_after: None,
        revoked_at: None,
    };
    api.service.store.add_receipt_key(&record).await.unwrap();
}
