//! Statements of breaches: the worked example of `FORMAT.md`, and each way to spoil one.

use proof::{
    Address, BREACH_CONTEXT, Breach, BreachError, BreachStatement, Hash, ReceiptKey,
    ReceiptKeyEntry, verify_breach,
};
use proptest::prelude::*;

use crate::examples::lines;
use crate::samples;

/// The batch of the examples was overdue for a minute when the service noticed.
pub(crate) fn breach() -> Breach {
    let promise = samples::promise();
    samples::key().state_breach(BreachStatement {
        service: promise.service,
        number: 1,
        chain_id: promise.chain_id,
        registry: promise.registry,
        badges: 3,
        commitment: Some(samples::document().computed().unwrap().commitment),
        deadline_at: promise.deadline_at,
        noticed_at: promise.deadline_at.plus_millis(60_000),
    })
}

pub(crate) fn formula() -> String {
    let context = String::from_utf8(BREACH_CONTEXT.to_vec()).unwrap().escape_default().to_string();
    format!("signed text = \"{context}\" ‖ SHA-256(JCS(statement))")
}

pub(crate) fn signing() -> String {
    let breach = breach();
    let jcs = breach.statement.to_jcs();
    lines([
        ("JCS(statement)", String::from_utf8(jcs.clone()).unwrap()),
        ("SHA-256", Hash::of(&[&jcs]).to_string()),
        ("signed text", hex::encode(breach.statement.signed_text())),
        ("keyId", breach.proof.key_id.to_string()),
        ("signature", breach.proof.signature.to_string()),
    ])
}

fn trusted() -> ReceiptKeyEntry {
    ReceiptKeyEntry::new(samples::key().public(), samples::time("2026-01-01T00:00:00.000Z"))
}

#[test]
fn a_breach_is_read_and_checked_with_the_trust_file() {
    let breach = breach();
    let text = serde_json::to_vec(&breach).unwrap();
    assert_eq!(Breach::parse(&text), Ok(breach.clone()));
    assert_eq!(samples::trust().check_breach(&breach), Ok(()));
    let unsealed = BreachStatement { commitment: None, number: 2, ..breach.statement };
    let unsealed = samples::key().state_breach(unsealed);
    assert_eq!(samples::trust().check_breach(&unsealed), Ok(()));
    let text = serde_json::to_string(&unsealed).unwrap();
    assert!(!text.contains("commitment"));
    assert_eq!(Breach::parse(text.as_bytes()), Ok(unsealed));
}

#[test]
fn what_the_trust_file_does_not_list_is_refused() {
    let trust = samples::trust();
    let check = |alter: &dyn Fn(&mut BreachStatement), key: &ReceiptKey| {
        let mut statement = breach().statement;
        alter(&mut statement);
        trust.check_breach(&key.state_breach(statement))
    };
    let (own, other) = (samples::key(), ReceiptKey::from_seed([9; 32]));
    assert_eq!(check(&|it| it.service.push('x'), &own), Err(BreachError::UnknownService));
    assert_eq!(check(&|it| it.chain_id += 1, &own), Err(BreachError::UnknownRegistry));
    let elsewhere = Address([0x99; 20]);
    assert_eq!(check(&|it| it.registry = elsewhere, &own), Err(BreachError::UnknownRegistry));
    assert_eq!(check(&|_| {}, &other), Err(BreachError::UnknownKey));
}

#[test]
fn a_statement_that_contradicts_itself_is_refused_though_it_is_signed() {
    let check = |alter: &dyn Fn(&mut BreachStatement)| {
        let mut statement = breach().statement;
        alter(&mut statement);
        verify_breach(&samples::key().state_breach(statement), &trusted())
    };
    assert_eq!(check(&|it| it.noticed_at = it.deadline_at), Err(BreachError::Contradiction));
    assert_eq!(check(&|it| it.badges = 0), Err(BreachError::Contradiction));
    assert_eq!(check(&|it| it.number = 0), Err(BreachError::Contradiction));
}

#[test]
fn a_key_states_nothing_after_its_end() {
    let breach = breach();
    let noticed = breach.statement.noticed_at;
    let with = |alter: &dyn Fn(&mut ReceiptKeyEntry)| {
        let mut key = trusted();
        alter(&mut key);
        verify_breach(&breach, &key)
    };
    assert_eq!(with(&|key| key.not_after = Some(noticed)), Ok(()));
    let before = noticed.plus_millis(-1);
    assert_eq!(with(&|key| key.not_after = Some(before)), Err(BreachError::KeyExpired));
    assert_eq!(with(&|key| key.revoked_at = Some(noticed)), Err(BreachError::KeyExpired));
    assert_eq!(with(&|key| key.not_before = noticed.plus_millis(1)), Ok(()));
}

#[test]
fn a_receipts_signature_is_none_of_a_breach() {
    let receipt = samples::receipt();
    let mut breach = breach();
    breach.proof.signature = receipt.proof.signature;
    assert_eq!(verify_breach(&breach, &trusted()), Err(BreachError::Signature));
    assert_ne!(BREACH_CONTEXT[..8], proof::RECEIPT_CONTEXT[..8]);
}

#[test]
fn other_members_and_spellings_are_refused() {
    let text = serde_json::to_string(&breach()).unwrap();
    for (from, to) in [
        (r#""version":1"#, r#""version":2"#),
        (r#""type":"ingam-breach""#, r#""type":"ingam-receipt""#),
        (r#""number":1"#, r#""number":1,"x":1"#),
        (r#""number":1"#, r#""number":9007199254740992"#),
        (r#""proof":{"#, r#""proof":{"x":1,"#),
        (".000Z\"", "Z\""),
    ] {
        let altered = text.replacen(from, to, 1);
        assert_ne!(altered, text, "{from}");
        assert!(Breach::parse(altered.as_bytes()).is_err(), "{to}");
    }
}

proptest! {
    /// Every member of a statement counts.
    #[test]
    fn an_altered_statement_is_not_the_services_word(
        number in 1_u64..1000, badges in 1_u64..1000, later in 0_i64..1_000_000, sealed: bool,
    ) {
        let signed = breach();
        let statement = BreachStatement {
            number,
            badges,
            commitment: signed.statement.commitment.filter(|_| sealed),
            noticed_at: signed.statement.noticed_at.plus_millis(later),
            ..signed.statement.clone()
        };
        let same = statement == signed.statement;
        let altered = Breach { statement, ..signed };
        let checked = verify_breach(&altered, &trusted());
        prop_assert_eq!(checked, if same { Ok(()) } else { Err(BreachError::Signature) });
    }
}
