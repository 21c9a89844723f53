//! The issuer's own signature, and whose the badge is.

use super::replace_badge;
use super::verified_badge::{BADGE, Situation};
use crate::{CheckName, Outcome, Report, Verdict};

/// Signed twice with the issuer's own key, which is its identifier.
const SIGNED: &str =
    include_str!("../../../../tests/vectors/badges/ob3-json/dcc-v2DoubleSigWithBadStatusUrl.json");
const ISSUER: &str = "did:key:z6MknNQD1WHLGGraFi6zcbGevuAgkVfdyCdtZnQTGWVVvR5Q";

fn signed(badge: &str) -> Situation {
    let mut situation = Situation::verified();
    replace_badge(&mut situation, badge);
    situation.trust.issuers[0].aliases.push(ISSUER.to_owned());
    situation
}

fn outcome(report: &Report, name: CheckName) -> Outcome {
    report.checks.iter().find(|check| check.name == name).unwrap().outcome
}

/// Verdict, outcome of the check, and the code of each signature.
fn judged(situation: &Situation) -> (Verdict, Outcome, Vec<String>) {
    let report = situation.report();
    let codes = report.signatures.iter().map(|signature| signature.code.clone()).collect();
    (report.verdict, outcome(&report, CheckName::IssuerSignature), codes)
}

#[test]
fn the_issuers_own_signature_passes_and_a_wrong_one_is_never_verified() {
    let own = ["by_issuer".to_owned(), "by_issuer".to_owned()].to_vec();
    assert_eq!(judged(&signed(SIGNED)), (Verdict::Verified, Outcome::Passed, own));

    let mut json: serde_json::Value = serde_json::from_str(SIGNED).unwrap();
    json["proof"][1]["proofValue"] = json["proof"][0]["proofValue"].clone();
    let found = ["by_issuer".to_owned(), "wrong_signature".to_owned()].to_vec();
    let wrong = signed(&json.to_string());
    assert_eq!(judged(&wrong), (Verdict::NotVerified, Outcome::Failed, found));
    let report = wrong.report();
    let check = &report.checks.iter().find(|check| check.name == CheckName::IssuerSignature);
    assert_eq!(report.reason, check.unwrap().detail);

    // the very same digest, without a signature: the anchor alone vouches
    json.as_object_mut().unwrap().remove("proof");
    let bare = signed(&json.to_string());
    assert_eq!(judged(&bare), (Verdict::Verified, Outcome::NotChecked, vec![]));
    assert_eq!(bare.document.badge.digest, wrong.document.badge.digest);
}

#[test]
fn a_key_behind_a_url_is_not_fetched_and_changes_nothing() {
    let mut json: serde_json::Value = serde_json::from_str(SIGNED).unwrap();
    let mut proof = json["proof"][1].clone();
    proof["verificationMethod"] = "https://hanbit.example/keys/1".into();
    json["proof"] = proof;
    let found = vec!["key_at_url".to_owned()];
    let situation = signed(&json.to_string());
    assert_eq!(judged(&situation), (Verdict::Verified, Outcome::NotChecked, found));
}

#[test]
fn whoever_asks_for_the_recipient_gets_an_answer() {
    let badge = BADGE.replace(
        r#""credentialSubject":{"#,
        r#""credentialSubject":{"email":"kim@hanbit.example","#,
    );
    for (badge, entered, verdict, expected) in [
        (&badge, Some("Kim@hanbit.example"), Verdict::Verified, Outcome::Passed),
        (&badge, Some("lee@hanbit.example"), Verdict::NotVerified, Outcome::Failed),
        (&badge, None, Verdict::Verified, Outcome::NotChecked),
        (
            &BADGE.to_owned(),
            Some("kim@hanbit.example"),
            Verdict::CouldNotBeChecked,
            Outcome::NotChecked,
        ),
    ] {
        let mut situation = Situation::verified();
        replace_badge(&mut situation, badge);
        situation.recipient = entered;
        let report = situation.report();
        assert_eq!(report.verdict, verdict, "{}", report.reason);
        assert_eq!(outcome(&report, CheckName::Recipient), expected);
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains("kim@") && !text.contains("lee@"), "{text}");
    }
    let mut situation = Situation::verified();
    situation.digest_only = true;
    situation.recipient = Some("kim@hanbit.example");
    assert_eq!(outcome(&situation.report(), CheckName::Recipient), Outcome::NotChecked);
}
