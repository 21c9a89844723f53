//! A badge about which everything is right.

use proof::{
    Address, AnchorHint, BadgeRef, Control, Hash, Inclusion, IssuerEntry, Promise, ProofDocument,
    ReceiptKey, ReceiptKeyEntry, RegistryEntry, Rule, Timestamp, TrustFile, path_of_leaves,
};

use crate::{AnchoredRecord, ChainReading, Presented, Question, Read, Readings, Report, verify};

pub(super) const BADGE: &str = r#"{"type":["VerifiableCredential","OpenBadgeCredential"],
    "@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id":"urn:uuid:1","issuer":{"id":"https://hanbit.example/"},
    "validFrom":"2026-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z",
    "credentialSubject":{"achievement":{"name":"반도체 공통과정"}}}"#;

pub(super) const REGISTRY: Address = Address([7; 20]);
pub(super) const OPERATOR: Address = Address([8; 20]);
pub(super) const CHAIN: u64 = 31337;

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A verified badge; each test changes one thing.
pub(super) struct Situation {
    pub(super) badge: Option<String>,
    pub(super) digest_only: bool,
    pub(super) document: ProofDocument,
    pub(super) trust: TrustFile,
    pub(super) readings: Readings,
    pub(super) now: Timestamp,
    pub(super) recipient: Option<&'static str>,
}

impl Situation {
    pub(super) fn verified() -> Self {
        let issuer = "https://hanbit.example/".parse().unwrap();
        let badge = BadgeRef {
            rule: Rule::JcsSha256V1,
            digest: badge::read(BADGE.as_bytes()).unwrap().digest,
            issuer,
            salt: Hash([3; 32]),
        };
        let leaf = badge.entry().leaf();
        let leaves = [Hash([1; 32]), Hash([2; 32]), leaf, Hash([4; 32]), Hash([5; 32])];
        let path = path_of_leaves(&leaves, 2).unwrap();
        let key = ReceiptKey::from_seed([9; 32]);
        let promise = Promise {
            service: "ingam.example".to_owned(),
            issuer: badge.issuer.clone(),
            rule: badge.rule,
            digest: badge.digest,
            salt: badge.salt,
            leaf,
            external_id: Some("2026-001".to_owned()),
            received_at: at("2026-03-01T09:00:00.000Z"),
            window_started_at: None,
            deadline_at: at("2026-03-02T09:00:00.000Z"),
            chain_id: CHAIN,
            registry: REGISTRY,
        };
        let document = ProofDocument {
            badge: badge.clone(),
            inclusion: Some(Inclusion { index: 2, tree_size: 5, path, blockcerts_root: None }),
            anchors: vec![AnchorHint::new(CHAIN, REGISTRY)],
            token: None,
            receipt: Some(key.issue(promise)),
            deadline_at: None,
        };
        let trust = TrustFile {
            service: "ingam.example".to_owned(),
            registries: vec![registry(CHAIN, REGISTRY)],
            receipt_keys: vec![ReceiptKeyEntry::new(key.public(), at("2026-01-01T00:00:00.000Z"))],
            issuers: vec![IssuerEntry {
                identifier: badge.issuer,
                aliases: vec!["did:web:hanbit.example".to_owned()],
                control: Control::Manual,
                control_shown_at: at("2026-01-01T00:00:00.000Z"),
            }],
            published_at: at("2026-01-01T00:00:00.000Z"),
        };
        let readings = Readings { anchors: vec![reading(CHAIN, REGISTRY)], token: None };
        let now = at("2026-04-01T00:00:00.000Z");
        Self {
            badge: Some(BADGE.to_owned()),
            digest_only: false,
            document,
            trust,
            readings,
            now,
            recipient: None,
        }
    }

    pub(super) fn read(&mut self) -> &mut Read {
        self.readings.anchors[0].outcome.as_mut().unwrap()
    }

    pub(super) fn anchored(&mut self) -> &mut AnchoredRecord {
        self.read().anchored.as_mut().unwrap()
    }

    pub(super) fn report(&self) -> Report {
        let presented = match &self.badge {
            _ if self.digest_only => Presented::Digest(self.document.badge.digest),
            Some(badge) => Presented::Bytes(badge.as_bytes()),
            None => Presented::Nothing,
        };
        verify(&Question {
            presented,
            document: &self.document,
            trust: &self.trust,
            readings: &self.readings,
            now: self.now,
            recipient: self.recipient,
        })
    }
}

pub(super) fn registry(chain_id: u64, registry: Address) -> RegistryEntry {
    RegistryEntry {
        chain_id,
        registry,
        token_contracts: Vec::new(),
        from_block: 50,
        until_block: None,
        distrusted_operators: Vec::new(),
    }
}

pub(super) fn reading(chain_id: u64, registry: Address) -> ChainReading {
    let anchored = AnchoredRecord {
        operator: OPERATOR,
        time: at("2026-03-01T10:00:00.000Z"),
        block_number: 100,
    };
    let read = Read {
        finalized_time: at("2026-03-01T10:00:00.000Z"),
        finalized_number: 100,
        head_number: 164,
        anchored: Some(anchored),
        revoked: false,
    };
    ChainReading { chain_id, registry, outcome: Ok(read) }
}
