//! The check `issuer-signature`: what the badge itself shows of who signed it.

use issuer_signature::{Code, Signature, overall};

use crate::badge_checks::Reading;
use crate::finding::{Finding, Weight};
use crate::report::{CheckName, Outcome, SignatureReport};
use crate::verify::Presented;

/// The badge's signatures; `None` when there is no badge to ask.
pub(crate) fn look_up(presented: Presented<'_>, read: &Reading) -> Option<Vec<Signature>> {
    match (presented, read) {
        (Presented::Bytes(bytes), Reading::Badge(badge)) => {
            issuer_signature::check(bytes, &badge.issuers).ok()
        }
        _ => None,
    }
}

/// Only the issuer's own key passes. A signature that is there and wrong is never plain verified:
/// either the badge is not what its issuer signed, or somebody put a false signature on it.
/// Without one, or where nothing can be told offline, the anchor alone vouches.
pub(crate) fn check(signatures: Option<&[Signature]>) -> Finding {
    let name = CheckName::IssuerSignature;
    let Some(signatures) = signatures else {
        let why = "there is no badge to ask for its signature";
        return Finding::not_checked(name, Weight::None, why);
    };
    let code = overall(signatures);
    match code.outcome() {
        issuer_signature::Outcome::Passed => Finding::passed(name, code.detail()),
        issuer_signature::Outcome::Failed => Finding::failed(name, Weight::Wrong, code.detail()),
        issuer_signature::Outcome::NotChecked => {
            Finding::not_checked(name, Weight::None, code.detail())
        }
    }
}

/// As the report tells them.
pub(crate) fn reports(signatures: Option<Vec<Signature>>) -> Vec<SignatureReport> {
    let report = |Signature { place, algorithm, key, code }| SignatureReport {
        place,
        algorithm,
        key,
        outcome: outcome(code),
        code: code.as_str().to_owned(),
        detail: code.detail().to_owned(),
    };
    signatures.unwrap_or_default().into_iter().map(report).collect()
}

const fn outcome(code: Code) -> Outcome {
    match code.outcome() {
        issuer_signature::Outcome::Passed => Outcome::Passed,
        issuer_signature::Outcome::Failed => Outcome::Failed,
        issuer_signature::Outcome::NotChecked => Outcome::NotChecked,
    }
}
