//! A service whose audit log is sealed.

use std::sync::Arc;

use domain::{Clock as _, Entropy, SeededEntropy};
use proof::{ReceiptKey, ReceiptKeyEntry, RegistryEntry, TrustFile};
use store::{HeadRecord, Store};
use worker::LogSealer;

use crate::support::Service;

pub(super) struct Logging {
    pub(super) service: Service,
    pub(super) sealer: LogSealer,
    entropy: Arc<dyn Entropy>,
}

impl Logging {
    pub(super) async fn on(store: Arc<dyn Store>) -> Self {
        let service = Service::on(store).await;
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(11));
        let sealer = sealer(&service, &entropy);
        Self { service, sealer, entropy }
    }

    /// Another process that makes heads.
    pub(super) fn another_sealer(&self) -> LogSealer {
        sealer(&self.service, &self.entropy)
    }

    /// Something that the log tells of.
    pub(super) async fn act(&self) {
        let now = self.service.clock.now();
        self.service.store.add_account("another", now).await.unwrap();
    }

    /// The service's trust file, published.
    pub(super) async fn publish_trust(&self) -> TrustFile {
        let service = &self.service;
        let now = service.clock.now();
        let file = TrustFile {
            service: service.stream.service.clone(),
            registries: vec![RegistryEntry {
                chain_id: service.stream.chain_id,
                registry: service.stream.registry,
                token_contracts: Vec::new(),
                from_block: 0,
                until_block: None,
                distrusted_operators: Vec::new(),
            }],
            receipt_keys: vec![ReceiptKeyEntry::new(ReceiptKey::from_seed([3; 32]).public(), now)],
            issuers: Vec::new(),
            published_at: now,
        };
        service.store.publish_trust(&file, 0, now).await.unwrap();
        file
    }

    /// Erases a badge that is final.
    pub(super) async fn erase_one(&mut self) {
        let service = &mut self.service;
        let position = service.submit(1).await[0];
        service.grow_old();
        service.until_final().await;
        let (account, now) = (service.account, service.clock.now());
        service.store.erase(account, position, now).await.unwrap();
        service.accepted.retain(|kept| *kept != position);
    }

    /// A head over all rows, which is not anchored yet.
    pub(super) async fn head(&mut self) -> HeadRecord {
        let Service { store, stream, clock, .. } = &self.service;
        let made = worker::seal_log(store.as_ref(), stream, self.entropy.as_ref(), clock.now());
        let made = made.await.unwrap().expect("there are new rows");
        self.service.accepted.push(made.position);
        made
    }

    /// Everything is anchored, and the block of it final.
    pub(super) async fn until_final(&mut self) {
        self.service.grow_old();
        self.service.until_final().await;
    }
}

fn sealer(service: &Service, entropy: &Arc<dyn Entropy>) -> LogSealer {
    LogSealer::new(
        Arc::clone(&service.store),
        service.clock.clone(),
        Arc::clone(entropy),
        service.stream.clone(),
    )
}
