//! `tests/oracle/verify.py`, written from `FORMAT.md` alone, judges as the crate does.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use proof::{
    AnchorHint, AuditProof, Computed, Hash, Inclusion, MAX_TREE_SIZE, Promise, ProofDocument,
    TrustFile, inclusion_root, path_len,
};
use serde_json::Value;

use crate::{audit_examples, documents, reference, samples};

/// The trust file, written once: the tests of this binary run side by side.
static TRUST: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("trust.json");
    std::fs::write(&file, samples::trust().to_json()).unwrap();
    file
});

/// The oracle's answers, one for each document.
fn ask(documents: &[String]) -> Vec<String> {
    ask_about(documents, &[])
}

fn ask_about(documents: &[String], options: &[&str]) -> Vec<String> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/verify.py");
    let mut oracle = Command::new("python3")
        .arg(script)
        .arg("--trust")
        .arg(&*TRUST)
        .arg("--batch")
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle needs python3");
    let mut input = oracle.stdin.take().unwrap();
    let lines: String = documents
        .iter()
        .map(|document| Value::from(document.as_str()).to_string() + "\n")
        .collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = oracle.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let answers: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

/// The crate's verdict in the oracle's words; the reason for a refusal is not compared.
fn judge(document: &str, trust: &TrustFile) -> String {
    let Ok(document) = ProofDocument::parse(document.as_bytes()) else { return "refused".into() };
    let receipt_holds = document.receipt_matches().is_ok()
        && document.receipt.as_ref().is_none_or(|receipt| trust.check_receipt(receipt).is_ok());
    if !receipt_holds {
        return "refused".into();
    }
    let token = match document.computed_token() {
        None => String::new(),
        Some(Ok(token)) => format!(" token {}", token.commitment),
        Some(Err(_)) => return "refused".into(),
    };
    if document.inclusion.is_none() {
        return format!("pending {}{token}", document.leaf());
    }
    match document.computed() {
        Ok(Computed { leaf, root, commitment }) => format!("ok {leaf} {root} {commitment}{token}"),
        Err(_) => "refused".into(),
    }
}

fn compare(documents: &[String]) -> (usize, usize) {
    let trust = samples::trust();
    let (mut good, mut refused) = (0, 0);
    for (document, answer) in documents.iter().zip(ask(documents)) {
        let verdict = judge(document, &trust);
        if verdict == "refused" {
            assert!(answer.starts_with("refused "), "{answer}: {document}");
            refused += 1;
        } else {
            assert_eq!(answer, verdict, "{document}");
            good += 1;
        }
    }
    (good, refused)
}

/// Documents of trees of many sizes, with and without a second root, a receipt and anchors.
fn sound() -> Vec<String> {
    let siblings = reference::numbered_leaves(64);
    let mut documents = vec![samples::document().to_json(), samples::pending().to_json()];
    let sizes = [1, 2, 3, 5, 255, 256, 257, 70_000, (1 << 31) + 1, MAX_TREE_SIZE];
    for (round, size) in sizes.into_iter().enumerate() {
        for index in [0, size / 3, size / 2, size.saturating_sub(2), size - 1] {
            let path = siblings[round..][..path_len(index, size).unwrap()].to_vec();
            let blockcerts_root = (round % 2 == 1).then(|| samples::salt(round as u8));
            let inclusion = Inclusion { index, tree_size: size, path, blockcerts_root };
            let document = ProofDocument {
                inclusion: Some(inclusion),
                anchors: vec![AnchorHint::new(1, samples::address(9)); round],
                receipt: None,
                ..samples::pending()
            };
            documents.push(document.to_json());
        }
    }
    documents.push(in_chunk());
    documents
}

/// The example with its receipt taken from a chunk.
fn in_chunk() -> String {
    let mut leaves = reference::numbered_leaves(300);
    leaves[257] = samples::promise().receipt_leaf();
    let chunk = samples::key().sign_chunk(&leaves).unwrap();
    let receipt = chunk.receipt(samples::promise(), 257).unwrap();
    ProofDocument { receipt: Some(receipt), ..samples::document() }.to_json()
}

#[test]
fn the_oracle_computes_the_same_hashes() {
    let documents = sound();
    let count = documents.len();
    assert_eq!(compare(&documents), (count, 0));
}

#[test]
fn the_oracle_escapes_as_the_crate_does() {
    let documents: Vec<String> = ["\u{1}\u{7f}\"\\/\t\u{8}\u{c}\r\n", "é\u{2028}😀\u{ffff}", ""]
        .map(|text| {
            let promise = Promise { external_id: Some(text.to_owned()), ..samples::promise() };
            let receipt = Some(samples::key().issue(promise));
            ProofDocument { receipt, ..samples::document() }.to_json()
        })
        .to_vec();
    assert_eq!(compare(&documents), (3, 0));
}

#[test]
fn the_oracle_refuses_what_the_crate_refuses() {
    let mut documents = documents::malformed();
    for good in [samples::document().to_json(), in_chunk()] {
        // every 23rd of the changes to each value: the checks of signatures take their time
        documents.extend(documents::changed(&good).into_iter().step_by(23));
    }
    let (good, refused) = compare(&documents);
    // changed hints, and values whose change leads to another commitment
    assert!(good > 30 && refused > 500, "{good} {refused}");
}

/// The same on paths alone: one hash changed leads both to the same other root.
#[test]
fn the_oracle_follows_the_same_path() {
    let path = reference::numbered_leaves(3);
    let leaf = samples::badge().entry().leaf();
    let root: Hash = inclusion_root(leaf, 3, 5, &path).unwrap();
    let mut document = samples::document();
    document.inclusion.as_mut().unwrap().path = path;
    let answer = &ask(&[document.to_json()])[0];
    assert!(answer.contains(&root.to_string()), "{answer}");
}

/// The crate's verdict on an audit proof in the oracle's words.
fn judge_audit(document: &str) -> String {
    let Ok(document) = AuditProof::parse(document.as_bytes()) else { return "refused".into() };
    match document.computed() {
        Ok(_) if document.head.service != samples::SERVICE => "refused".into(),
        Ok(Computed { leaf, root, commitment }) => format!("ok {leaf} {root} {commitment}"),
        Err(_) => "refused".into(),
    }
}

#[test]
fn the_oracle_judges_audit_proofs_as_the_crate_does() {
    let good = audit_examples::document().to_json();
    let mut documents = vec![good.clone()];
    documents.extend(audit_examples::malformed());
    documents.extend(documents::changed(&good));
    let answers = ask_about(&documents, &["--audit"]);
    assert!(answers[0].starts_with("ok "), "{}", answers[0]);
    let (mut taken, mut refused) = (0, 0);
    for (document, answer) in documents.iter().zip(&answers) {
        let verdict = judge_audit(document);
        if verdict == "refused" {
            assert!(answer.starts_with("refused "), "{answer}: {document}");
            refused += 1;
        } else {
            assert_eq!(*answer, verdict, "{document}");
            taken += 1;
        }
    }
    assert!(taken > 10 && refused > 100, "{taken} {refused}");
}
