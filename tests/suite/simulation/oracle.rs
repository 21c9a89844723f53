//! An oracle that shares no line with the service: `tests/oracle/verify.py`, written from FORMAT.md,
//! reads what the public API gives to everybody, and its commitments are looked up on the chain. It is
//! shown a sample; the Rust verifier sees all.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chain::ContractCall;
use proof::{Hash, ProofDocument, Timestamp};
use serde_json::Value;

use crate::api::client::Api;
use crate::support::Service;

/// Every so many seeds are shown to the Python oracle.
const SAMPLE: u64 = 40;

/// What anybody can learn of one service.
pub(super) struct Exported {
    documents: Vec<String>,
    trust: String,
    /// When each commitment was anchored, as the chain has it at final blocks.
    anchored: HashMap<Hash, Timestamp>,
}

/// Asks the API for all proofs, and judges them by what the chain has.
pub(super) async fn exported(service: Service) -> Exported {
    let badges = service.accepted.len();
    let anchored = anchored(&service);
    let api = Api::around(service).await;
    let answer = api.get("/v1/proofs/export").await;
    let mut documents = Vec::new();
    for line in answer.text().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(document) = line.get("proof") {
            documents.push(document.to_string());
        }
    }
    assert_eq!(documents.len(), badges, "a proof of each badge");
    for text in &documents {
        let document = ProofDocument::parse(text.as_bytes()).unwrap();
        let computed = document.computed().unwrap();
        let promise = &document.receipt.as_ref().unwrap().promise;
        let time = anchored.get(&computed.commitment).expect("it is on chain");
        assert!(*time <= promise.deadline_at, "kept in time");
    }
    let trust = api.public("GET", "/v1/trust", "").await.text().to_owned();
    Exported { documents, trust, anchored }
}

fn anchored(service: &Service) -> HashMap<Hash, Timestamp> {
    let chain = &service.chain;
    let mut anchored = HashMap::new();
    for mined in chain.transactions() {
        let commitment = match mined.call {
            Some(ContractCall::Anchor { commitment, .. }) => commitment,
            Some(ContractCall::Mint { size, root, .. }) => {
                proof::commitment(size, root, Hash::ZERO)
            }
            Some(ContractCall::Revoke { .. }) | None => continue,
        };
        let number = mined.block.number;
        if mined.succeeded && number <= chain.final_height() {
            let time = chain.canonical(number).unwrap().time;
            anchored.entry(commitment).or_insert(time);
        }
    }
    anchored
}

/// What the Python oracle is shown at the end of a run, in one process.
#[derive(Default)]
pub(super) struct Documents(Vec<(u64, Exported)>);

impl Documents {
    pub(super) fn add(&mut self, seed: u64, exported: Exported) {
        if seed.is_multiple_of(SAMPLE) || seed % SAMPLE == seed % 4 {
            self.0.push((seed, exported));
        }
    }

    /// Each document leads to a commitment that is on chain, with a receipt that holds.
    pub(super) fn judge(&self) {
        for (seed, exported) in &self.0 {
            for answer in ask(exported) {
                let words: Vec<&str> = answer.split(' ').collect();
                let ["ok", _leaf, _root, commitment, token @ ..] = &words[..] else {
                    panic!("seed {seed}: the oracle says {answer}")
                };
                for name in [commitment].into_iter().chain(token.get(1)) {
                    let name: Hash = name.parse().unwrap();
                    assert!(exported.anchored.contains_key(&name), "seed {seed}: {name}");
                }
            }
        }
    }
}

/// The oracle's answers, one for each document.
fn ask(exported: &Exported) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let trust = directory.path().join("trust.json");
    std::fs::write(&trust, &exported.trust).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/verify.py");
    let mut oracle = Command::new("python3")
        .args([script, "--batch", "--trust"])
        .arg(&trust)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle needs python3");
    let lines: String = exported
        .documents
        .iter()
        .map(|document| Value::from(document.as_str()).to_string() + "\n")
        .collect();
    let mut input = oracle.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = oracle.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<String> = answers.lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), exported.documents.len());
    answers
}
