//! Every situation a badge can be in, and the verdict on it.

mod minted_badge;
mod signatures;
mod tampering;
mod tokens;
mod verified_badge;

use proof::{Address, AnchorHint, DistrustedOperator, Hash, Rule};

use crate::{ChainReading, CheckName, Outcome, Unreachable, Verdict, readings_needed};
use verified_badge::{BADGE, CHAIN, OPERATOR, REGISTRY, Situation, at, reading, registry};

type Change = fn(&mut Situation);

/// What is changed, the verdict, and the check whose sentence is its reason.
const SITUATIONS: &[(&str, Change, Verdict, Option<CheckName>)] = &[
    ("nothing", |_| {}, Verdict::Verified, None),
    ("no receipt", |s| s.document.receipt = None, Verdict::Verified, None),
    (
        "the badge re-serialised",
        |s| s.badge = Some(BADGE.replace(['\n', ' '], "")),
        Verdict::NotVerified, // a space inside the name is content
        Some(CheckName::Digest),
    ),
    (
        "the badge in other white space",
        |s| s.badge = Some(BADGE.replace('\n', "\r\n\t")),
        Verdict::Verified,
        None,
    ),
    (
        "the badge altered",
        |s| s.badge = Some(BADGE.replace("uuid:1", "uuid:2")),
        Verdict::NotVerified,
        Some(CheckName::Digest),
    ),
    (
        "the badge hostile",
        |s| s.badge = Some("{\"a\":1,\"a\":2}".to_owned()),
        Verdict::NotVerified,
        Some(CheckName::Digest),
    ),
    ("no badge", |s| s.badge = None, Verdict::CouldNotBeChecked, Some(CheckName::Digest)),
    (
        "only its digest",
        |s| s.digest_only = true,
        Verdict::CouldNotBeChecked,
        Some(CheckName::IssuerMatch),
    ),
    (
        "another rule",
        |s| s.document.badge.rule = Rule::FileSha256,
        Verdict::NotVerified,
        Some(CheckName::Digest),
    ),
    (
        "another salt",
        |s| s.document.badge.salt.0[0] ^= 1,
        Verdict::NotVerified,
        Some(CheckName::ReceiptMatch),
    ),
    (
        "another index",
        |s| s.document.inclusion.as_mut().unwrap().index = 5,
        Verdict::NotVerified,
        Some(CheckName::Inclusion),
    ),
    (
        "a longer path",
        |s| s.document.inclusion.as_mut().unwrap().path.push(Hash::ZERO),
        Verdict::NotVerified,
        Some(CheckName::Inclusion),
    ),
    (
        "not sealed, promised",
        |s| s.document.inclusion = None,
        Verdict::Provisional,
        Some(CheckName::Inclusion),
    ),
    (
        "not sealed, no promise",
        |s| (s.document.inclusion, s.document.receipt) = (None, None),
        Verdict::CouldNotBeChecked,
        Some(CheckName::Inclusion),
    ),
    (
        "sealed, not anchored",
        |s| s.document.anchors.clear(),
        Verdict::Provisional,
        Some(CheckName::Service),
    ),
    (
        "sealed, not anchored, no promise",
        |s| {
            s.document.anchors.clear();
            s.document.receipt = None;
        },
        Verdict::CouldNotBeChecked,
        Some(CheckName::Service),
    ),
    (
        "a twin registry",
        |s| s.document.anchors[0].registry.0[0] ^= 1,
        Verdict::CouldNotBeChecked,
        Some(CheckName::Service),
    ),
    (
        "another chain",
        |s| s.document.anchors[0].chain_id = 1,
        Verdict::CouldNotBeChecked,
        Some(CheckName::Service),
    ),
    (
        "no node",
        |s| s.readings.anchors[0].outcome = Err(Unreachable("connection refused".to_owned())),
        Verdict::CouldNotBeChecked,
        Some(CheckName::Anchored),
    ),
    (
        "not read",
        |s| s.readings.anchors.clear(),
        Verdict::CouldNotBeChecked,
        Some(CheckName::Anchored),
    ),
    (
        "unknown commitment",
        |s| s.read().anchored = None,
        Verdict::NotVerified,
        Some(CheckName::Anchored),
    ),
    (
        "not final",
        |s| s.read().finalized_time = at("2026-03-01T09:59:59.000Z"),
        Verdict::Provisional,
        Some(CheckName::Final),
    ),
    (
        "before the registry was trusted",
        |s| s.anchored().block_number = 49,
        Verdict::NotVerified,
        Some(CheckName::Blocks),
    ),
    (
        "after the registry was left",
        |s| s.trust.registries[0].until_block = Some(99),
        Verdict::NotVerified,
        Some(CheckName::Blocks),
    ),
    (
        "by a distrusted operator",
        |s| {
            let distrusted = DistrustedOperator { operator: OPERATOR, from_block: 100 };
            s.trust.registries[0].distrusted_operators.push(distrusted);
        },
        Verdict::NotVerified,
        Some(CheckName::Operator),
    ),
    (
        "before the operator was distrusted",
        |s| {
            let distrusted = DistrustedOperator { operator: OPERATOR, from_block: 101 };
            s.trust.registries[0].distrusted_operators.push(distrusted);
        },
        Verdict::Verified,
        None,
    ),
    (
        "an unlisted issuer",
        |s| s.trust.issuers.clear(),
        Verdict::CouldNotBeChecked,
        Some(CheckName::IssuerMatch),
    ),
    (
        "another issuer's account",
        |s| replace_badge(s, &BADGE.replace("hanbit.example", "other.example")),
        Verdict::NotVerified,
        Some(CheckName::IssuerMatch),
    ),
    (
        "a listed alias",
        |s| replace_badge(s, &BADGE.replace("https://hanbit.example/", "did:web:hanbit.example")),
        Verdict::Verified,
        None,
    ),
    (
        "no issuer in the badge",
        |s| replace_badge(s, &BADGE.replace(r#""id":"https://hanbit.example/""#, r#""name":"x""#)),
        Verdict::CouldNotBeChecked,
        Some(CheckName::IssuerMatch),
    ),
    ("revoked", |s| s.read().revoked = true, Verdict::Revoked, Some(CheckName::NotRevoked)),
    (
        "revoked and altered",
        |s| {
            s.read().revoked = true;
            s.badge = Some(BADGE.replace("uuid:1", "uuid:2"));
        },
        Verdict::NotVerified,
        Some(CheckName::Digest),
    ),
    (
        "expired",
        |s| s.now = at("2030-01-01T00:00:00.000Z"),
        Verdict::Expired,
        Some(CheckName::NotExpired),
    ),
    (
        "expired and not anchored",
        |s| {
            s.now = at("2030-01-01T00:00:00.000Z");
            s.document.anchors.clear();
        },
        Verdict::Provisional,
        Some(CheckName::Service),
    ),
    (
        "revoked and an unlisted receipt key",
        |s| {
            s.read().revoked = true;
            s.trust.receipt_keys.clear();
        },
        Verdict::Revoked,
        Some(CheckName::NotRevoked),
    ),
    (
        "a receipt of another service",
        |s| s.trust.service = "other.example".to_owned(),
        Verdict::CouldNotBeChecked,
        Some(CheckName::ReceiptSignature),
    ),
    (
        "an unlisted receipt key",
        |s| s.trust.receipt_keys.clear(),
        Verdict::CouldNotBeChecked,
        Some(CheckName::ReceiptSignature),
    ),
    (
        "a forged receipt",
        |s| s.document.receipt.as_mut().unwrap().promise.external_id = None,
        Verdict::NotVerified,
        Some(CheckName::ReceiptSignature),
    ),
    (
        "a receipt under a revoked key",
        |s| s.trust.receipt_keys[0].revoked_at = Some(at("2026-03-01T09:00:00.000Z")),
        Verdict::NotVerified,
        Some(CheckName::ReceiptSignature),
    ),
];

/// The same proof for another badge of the same account.
fn replace_badge(situation: &mut Situation, badge: &str) {
    situation.document.badge.digest = badge::read(badge.as_bytes()).unwrap().digest;
    situation.badge = Some(badge.to_owned());
    situation.document.receipt = None;
}

#[test]
fn each_situation_has_its_verdict_and_reason() {
    for (what, change, verdict, because) in SITUATIONS {
        let mut situation = Situation::verified();
        change(&mut situation);
        let report = situation.report();
        assert_eq!(report.verdict, *verdict, "{what}: {}", report.reason);
        assert_eq!(report.checks.len(), 17, "{what}");
        if let Some(name) = because {
            let check = report.checks.iter().find(|check| check.name == *name).unwrap();
            assert_eq!(check.detail, report.reason, "{what}");
            assert_ne!(check.outcome, Outcome::Passed, "{what}");
        }
    }
}

#[test]
fn verified_tells_three_times_apart() {
    let report = Situation::verified().report();
    assert_eq!(report.times.existed_no_later_than, Some(at("2026-03-01T10:00:00.000Z")));
    let promise = report.times.promise.unwrap();
    assert_eq!(promise.received_at, at("2026-03-01T09:00:00.000Z"));
    assert_eq!(promise.kept, Some(true));
    assert_eq!(report.times.valid_from.as_deref(), Some("2026-01-01T00:00:00Z"));
    let unchecked: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.outcome != Outcome::Passed)
        .map(|check| check.name)
        .collect();
    let beside = [CheckName::CredentialStatus, CheckName::IssuerSignature, CheckName::Recipient];
    assert_eq!(unchecked, beside);
}

#[test]
fn a_late_anchor_is_verified_and_the_promise_broken() {
    let mut situation = Situation::verified();
    situation.anchored().time = at("2026-03-02T09:00:00.001Z");
    situation.read().finalized_time = at("2026-03-03T00:00:00.000Z");
    let report = situation.report();
    assert_eq!(report.verdict, Verdict::Verified);
    assert_eq!(report.times.promise.unwrap().kept, Some(false));
}

#[test]
fn one_final_anchor_suffices_and_revocation_counts_anywhere() {
    let mut situation = Situation::verified();
    let (second, unlisted) = (Address([17; 20]), Address([27; 20]));
    situation.document.anchors.insert(0, AnchorHint::new(5, unlisted));
    situation.document.anchors.insert(0, AnchorHint::new(10, second));
    situation.trust.registries.push(registry(10, second));
    let unreachable = Err(Unreachable("time-out".to_owned()));
    situation.readings.anchors.push(ChainReading {
        chain_id: 10,
        registry: second,
        outcome: unreachable,
    });
    let report = situation.report();
    assert_eq!(report.verdict, Verdict::Verified, "{}", report.reason);
    assert_eq!(report.anchors.len(), 3);

    let mut revoked = reading(10, second);
    revoked.outcome.as_mut().unwrap().revoked = true;
    situation.readings.anchors[1] = revoked;
    assert_eq!(situation.report().verdict, Verdict::Revoked);
}

#[test]
fn hints_are_replaced_and_never_a_failure() {
    let mut situation = Situation::verified();
    let hint = &mut situation.document.anchors[0];
    hint.block_number = Some(99);
    hint.block_time = Some(at("2026-03-01T10:00:00.000Z"));
    hint.block_hash = Some(proof::EvmHash([1; 32]));
    let report = situation.report();
    assert_eq!(report.verdict, Verdict::Verified);
    assert_eq!(report.anchors[0].block_number, Some(100));
    assert_eq!(report.anchors[0].stale_hints, ["blockNumber", "blockHash"]);
}

#[test]
fn only_listed_registries_are_read_and_each_once() {
    let mut situation = Situation::verified();
    situation.document.anchors.push(AnchorHint::new(CHAIN, REGISTRY));
    situation.document.anchors.push(AnchorHint::new(1, REGISTRY));
    let needed = readings_needed(&situation.document, &situation.trust).anchors;
    assert_eq!(needed.len(), 1);
    let computed = situation.document.computed().unwrap();
    assert_eq!((needed[0].commitment, needed[0].index), (computed.commitment, 2));
    situation.document.inclusion = None;
    assert_eq!(
        readings_needed(&situation.document, &situation.trust),
        crate::ReadingsNeeded::default()
    );
}
