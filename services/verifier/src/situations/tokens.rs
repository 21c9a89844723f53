//! Every situation a badge's token can be in: what is said of it, and that the badge stands.

use proof::{Address, DistrustedOperator, Hash, TokenId};

use super::minted_badge::{COLLECTION, OWNER};
use super::verified_badge::{CHAIN, REGISTRY, Situation, at, registry};
use crate::{Check, CheckName, Outcome, TokenStatus, Unreachable, Verdict, readings_needed};

type Change = fn(&mut Situation);

/// What is changed, what became of the token, how its check went, and the verdict on the badge.
const SITUATIONS: &[(&str, Change, TokenStatus, Outcome, Verdict)] = &[
    ("nothing", |_| {}, TokenStatus::Held, Outcome::Passed, Verdict::Verified),
    (
        "no owner in the document",
        |s| s.token().owner = None,
        TokenStatus::Held,
        Outcome::Passed,
        Verdict::Verified,
    ),
    (
        "not final",
        |s| s.token_read().registry.finalized_time = at("2026-03-01T09:59:59.000Z"),
        TokenStatus::Provisional,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "not anchored",
        |s| s.token_read().registry.anchored = None,
        TokenStatus::NotMinted,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "anchored, not minted",
        |s| {
            let read = s.token_read();
            (read.minted, read.valid, read.owner) = (false, false, None);
        },
        TokenStatus::NotMinted,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "burned",
        |s| (s.token_read().valid, s.token_read().owner) = (false, None),
        TokenStatus::Burned,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "revoked",
        |s| (s.token_read().valid, s.token_read().registry.revoked) = (false, true),
        TokenStatus::Revoked,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "revoked, then burned",
        |s| {
            let read = s.token_read();
            (read.valid, read.owner, read.registry.revoked) = (false, None, true);
        },
        TokenStatus::Revoked,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "the badge revoked, the token not",
        |s| s.read().revoked = true,
        TokenStatus::Held,
        Outcome::Passed,
        Verdict::Revoked,
    ),
    (
        "both revoked",
        |s| {
            s.read().revoked = true;
            (s.token_read().valid, s.token_read().registry.revoked) = (false, true);
        },
        TokenStatus::Revoked,
        Outcome::Failed,
        Verdict::Revoked,
    ),
    (
        "minted by a distrusted collection",
        |s| {
            let distrusted = DistrustedOperator { operator: COLLECTION, from_block: 100 };
            s.trust.registries[0].distrusted_operators.push(distrusted);
        },
        TokenStatus::Distrusted,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "minted after the registry was left",
        |s| {
            s.trust.registries[0].until_block = Some(100);
            s.token_read().registry.anchored.as_mut().unwrap().block_number = 101;
        },
        TokenStatus::Distrusted,
        Outcome::Failed,
        Verdict::Verified,
    ),
    (
        "no node",
        |s| {
            let refused = Unreachable("connection refused".to_owned());
            s.readings.token.as_mut().unwrap().outcome = Err(refused);
        },
        TokenStatus::Unreachable,
        Outcome::NotChecked,
        Verdict::Verified,
    ),
    (
        "not read",
        |s| s.readings.token = None,
        TokenStatus::Unreachable,
        Outcome::NotChecked,
        Verdict::Verified,
    ),
    (
        "another token was read",
        |s| s.readings.token.as_mut().unwrap().id = TokenId([0; 32]),
        TokenStatus::Unreachable,
        Outcome::NotChecked,
        Verdict::Verified,
    ),
    (
        "a node that contradicts itself",
        |s| s.token_read().owner = None,
        TokenStatus::Unreachable,
        Outcome::NotChecked,
        Verdict::Verified,
    ),
    (
        "a twin collection",
        |s| s.token().contract.0[0] ^= 1,
        TokenStatus::UnknownCollection,
        Outcome::NotChecked,
        Verdict::CouldNotBeChecked,
    ),
    (
        "another chain",
        |s| s.token().chain_id = 1,
        TokenStatus::UnknownCollection,
        Outcome::NotChecked,
        Verdict::CouldNotBeChecked,
    ),
    (
        "the neighbour's token",
        |s| s.token().id.0[31] ^= 3,
        TokenStatus::Foreign,
        Outcome::Failed,
        Verdict::NotVerified,
    ),
    (
        "the neighbour's place",
        |s| s.token().inclusion.index = 2,
        TokenStatus::Foreign,
        Outcome::Failed,
        Verdict::NotVerified,
    ),
    (
        "another batch",
        |s| s.token().inclusion.path[0] = Hash::ZERO,
        TokenStatus::Foreign,
        Outcome::Failed,
        Verdict::NotVerified,
    ),
    (
        "another badge's token, revoked",
        |s| {
            s.token().id.0[31] ^= 3;
            s.read().revoked = true;
        },
        TokenStatus::Foreign,
        Outcome::Failed,
        Verdict::NotVerified,
    ),
];

fn check(checks: &[Check]) -> &Check {
    checks.iter().find(|check| check.name == CheckName::Token).unwrap()
}

#[test]
fn each_situation_has_its_state_and_leaves_the_badge_its_verdict() {
    let without_token = Situation::verified().report().checks.len();
    for (what, change, status, outcome, verdict) in SITUATIONS {
        let mut situation = Situation::minted();
        change(&mut situation);
        let report = situation.report();
        assert_eq!(report.verdict, *verdict, "{what}: {}", report.reason);
        assert_eq!(report.checks.len(), without_token + 1, "{what}");
        let token = report.token.unwrap();
        assert_eq!(token.status, *status, "{what}: {}", token.detail);
        let check = check(&report.checks);
        assert_eq!((check.outcome, &check.detail), (*outcome, &token.detail), "{what}");
    }
}

#[test]
fn a_document_without_token_has_no_such_check() {
    let report = Situation::verified().report();
    assert_eq!(report.token, None);
    assert!(report.checks.iter().all(|check| check.name != CheckName::Token));
}

#[test]
fn a_held_token_is_told_as_read() {
    let mut situation = Situation::minted();
    let other = Address([14; 20]);
    situation.token().owner = Some(other);
    let token = situation.report().token.unwrap();
    assert_eq!((token.owner, token.stale_hints), (Some(OWNER), vec!["owner".to_owned()]));
    assert_eq!((token.registry, token.block_number), (Some(REGISTRY), Some(100)));
    assert!(token.detail.contains(&OWNER.to_string()), "{}", token.detail);
    assert!(token.detail.contains(&token.id.to_string()), "{}", token.detail);
    assert_eq!(Situation::minted().report().token.unwrap().stale_hints, [""; 0]);
}

/// A revoked token still has its owner, and is told with it.
#[test]
fn a_revoked_token_keeps_its_owner() {
    let mut situation = Situation::minted();
    situation.token_read().valid = false;
    situation.token_read().registry.revoked = true;
    assert_eq!(situation.report().token.unwrap().owner, Some(OWNER));
}

#[test]
fn only_a_listed_collection_is_read_for_the_badges_own_token() {
    let situation = Situation::minted();
    let needed = |change: Change| {
        let mut situation = Situation::minted();
        change(&mut situation);
        readings_needed(&situation.document, &situation.trust).token
    };
    let own = needed(|_| {}).unwrap();
    let computed = situation.document.computed_token().unwrap().unwrap();
    assert_eq!((own.registry.commitment, own.registry.index), (computed.commitment, 1));
    assert_eq!((own.registry.chain_id, own.registry.registry), (CHAIN, REGISTRY));
    assert_eq!((own.contract, Some(own.id)), (COLLECTION, situation.document.token.map(|t| t.id)));
    // the badge's own batch may be open still
    assert!(needed(|s| s.document.inclusion = None).is_some());
    for nothing in [
        needed(|s| s.document.token = None),
        needed(|s| s.token().contract.0[0] ^= 1),
        needed(|s| s.token().chain_id = 1),
        needed(|s| s.token().id.0[31] ^= 3),
        needed(|s| s.document.inclusion.as_mut().unwrap().index = 5),
    ] {
        assert_eq!(nothing, None);
    }
}

/// Registries of one chain have collections of their own.
#[test]
fn a_collection_is_read_with_its_own_registry() {
    let mut situation = Situation::minted();
    let second = Address([17; 20]);
    situation.trust.registries[0].token_contracts.clear();
    let mut entry = registry(CHAIN, second);
    entry.token_contracts = vec![COLLECTION];
    situation.trust.registries.push(entry);
    let needed = readings_needed(&situation.document, &situation.trust).token.unwrap();
    assert_eq!(needed.registry.registry, second);
}
