//! The world of `FORMAT.md`'s audit log, its blocks, and what makes an audit proof none.

use proof::{
    AUDIT_ISSUER, AnchorHint, AuditHead, AuditProof, AuditProofError, AuditRow, BadgeRef,
    ComputeError, Hash, Inclusion, ProofDocument, Rule, audit_issuer, path_of_leaves,
    root_of_leaves,
};

use crate::examples::lines;
use crate::samples;

/// Three rows: an issuer, a trust file, an erasure.
pub(crate) fn rows() -> [AuditRow; 3] {
    let row = |number, at: &str, actor: &str, action: &str, subject: String| AuditRow {
        number,
        at: samples::time(at),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject,
    };
    let published = format!("version 1 with SHA-256 {}", samples::trust().digest());
    let issuer = format!("issuer 1 of account 1: {}", samples::ISSUER);
    let erased = format!("badge {}", samples::FIRST_POSITION + 2);
    [
        row(1, "2026-02-01T00:00:00.000Z", "administrator", "issuer.add", issuer),
        row(2, "2026-02-01T00:00:00.000Z", "administrator", "trust.publish", published),
        row(4, "2026-03-01T09:45:00.000Z", "account 1", "badge.erase", erased),
    ]
}

fn leaves() -> Vec<Hash> {
    rows().iter().map(AuditRow::leaf).collect()
}

/// Over the first two rows.
fn first_head() -> AuditHead {
    AuditHead {
        service: samples::SERVICE.to_owned(),
        sequence: 1,
        size: 2,
        root: root_of_leaves(&leaves()[..2]).unwrap(),
        previous: None,
        made_at: samples::time("2026-02-02T00:00:10.000Z"),
    }
}

/// Over all three.
pub(crate) fn head() -> AuditHead {
    AuditHead {
        sequence: 2,
        size: 3,
        root: root_of_leaves(&leaves()).unwrap(),
        previous: Some(first_head().digest()),
        made_at: samples::time("2026-03-02T09:45:30.000Z"),
        ..first_head()
    }
}

/// The last leaf of a batch of two.
fn batch() -> [Hash; 2] {
    [samples::leaves()[0], head().entry(samples::salt(0xc0)).leaf()]
}

/// Of the row that tells of the trust file.
pub(crate) fn document() -> AuditProof {
    let badge = BadgeRef {
        rule: Rule::AuditHead,
        digest: head().digest(),
        issuer: audit_issuer(),
        salt: samples::salt(0xc0),
    };
    let inclusion = Inclusion {
        index: 1,
        tree_size: 2,
        path: path_of_leaves(&batch(), 1).unwrap(),
        blockcerts_root: None,
    };
    let [_, row, _] = rows();
    AuditProof {
        row,
        index: 1,
        path: path_of_leaves(&leaves(), 1).unwrap(),
        head: head(),
        proof: ProofDocument {
            badge,
            inclusion: Some(inclusion),
            anchors: vec![AnchorHint::new(samples::CHAIN_ID, samples::address(0x11))],
            token: None,
            receipt: None,
            deadline_at: None,
        },
    }
}

pub(crate) fn formula() -> String {
    "row leaf = SHA-256(00 ‖ JCS(row))\ndigest   = SHA-256(JCS(head))".to_owned()
}

pub(crate) fn row_jcs() -> String {
    String::from_utf8(rows()[1].to_jcs()).unwrap()
}

pub(crate) fn computed() -> String {
    let [first, second, third] = leaves()[..] else { unreachable!("there are three") };
    let entry = head().entry(samples::salt(0xc0));
    let computed = document().computed().unwrap();
    lines([
        ("row leaf 0", first.to_string()),
        ("row leaf 1", second.to_string()),
        ("row leaf 2", third.to_string()),
        ("digest of head 1", first_head().digest().to_string()),
        ("digest of head 2", head().digest().to_string()),
        ("issuer", AUDIT_ISSUER.to_owned()),
        ("SHA-256(issuer)", entry.issuer.to_string()),
        ("leaf of head 2", computed.leaf.to_string()),
        ("commitment", computed.commitment.to_string()),
    ])
}

#[test]
fn documents_are_read_as_they_are_written() {
    let document = document();
    assert_eq!(AuditProof::parse(document.to_json().as_bytes()), Ok(document.clone()));
    let computed = document.computed().unwrap();
    assert_eq!(Ok(computed), document.proof.computed());
    assert_eq!(computed.leaf, batch()[1]);
}

type Change = (&'static str, fn(&mut AuditProof));

/// Each change of a value is refused, or leads to another commitment.
#[test]
fn nothing_can_be_changed() {
    let good = document();
    let commitment = good.computed().unwrap().commitment;
    let changes: [Change; 17] = [
        ("row number", |it| it.row.number += 1),
        ("row time", |it| it.row.at = it.row.at.plus_millis(1)),
        ("actor", |it| it.row.actor.push('x')),
        ("action", |it| it.row.action.push('x')),
        ("subject", |it| it.row.subject.push('x')),
        ("place", |it| it.index = 0),
        ("path", |it| it.path[0] = Hash::ZERO),
        ("short path", |it| it.path.truncate(1)),
        ("service", |it| it.head.service.push('x')),
        ("sequence", |it| it.head.sequence += 1),
        ("size", |it| it.head.size += 1),
        ("root", |it| it.head.root = Hash::ZERO),
        ("previous", |it| it.head.previous = Some(Hash::ZERO)),
        ("head's time", |it| it.head.made_at = it.head.made_at.plus_millis(1)),
        ("rule", |it| it.proof.badge.rule = Rule::Opaque),
        ("issuer", |it| it.proof.badge.issuer = samples::issuer()),
        ("salt", |it| it.proof.badge.salt = Hash::ZERO),
    ];
    for (what, change) in changes {
        let mut changed = good.clone();
        change(&mut changed);
        let still = changed.computed().is_ok_and(|computed| computed.commitment == commitment);
        assert!(!still, "{what}");
    }
    let mut pending = good.clone();
    pending.proof.inclusion = None;
    let why = AuditProofError::Compute(ComputeError::Pending);
    assert_eq!(pending.computed(), Err(why), "covered, and not anchored yet");
    let mut with_receipt = good;
    with_receipt.proof.receipt = Some(samples::receipt());
    assert_eq!(with_receipt.computed(), Err(AuditProofError::Head));
}

/// Documents that no reader may take.
pub(crate) fn malformed() -> Vec<String> {
    let good = document().to_json();
    let changes = [
        (r#""ingam-audit-proof/1""#, r#""ingam-audit-proof/2""#),
        (r#""ingam-audit-row""#, r#""ingam-audit-head""#),
        (r#""type":"ingam-audit-row","version":1"#, r#""type":"ingam-audit-row","version":2"#),
        (r#""type":"ingam-audit-head","version":1"#, r#""type":"ingam-audit-head","version":2"#),
        (r#""number":2"#, r#""number":9007199254740992"#),
        (r#""number":2"#, r#""number":-2"#),
        (r#""sequence":2"#, r#""sequence":0"#),
        (r#""sequence":2"#, r#""sequence":1"#),
        (r#""size":3"#, r#""size":0"#),
        (r#""at":"2026-02-01T00:00:00.000Z""#, r#""at":"2026-02-01T00:00:00Z""#),
        (r#""actor":"#, r#""extra":1,"actor":"#),
        (r#""madeAt":"#, r#""extra":1,"madeAt":"#),
        (r#""row":{"#, r#""extra":1,"row":{"#),
        (r#""index":1,"path""#, r#""index":1,"index":1,"path""#),
        (r#""actor":"administrator","#, ""),
    ];
    let changed = changes.map(|(from, to)| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        changed
    });
    changed.into_iter().chain([format!("{good} 1"), good.replace(':', "")]).collect()
}

#[test]
fn malformed_documents_are_refused() {
    for document in malformed() {
        assert!(AuditProof::parse(document.as_bytes()).is_err(), "{document}");
    }
}
