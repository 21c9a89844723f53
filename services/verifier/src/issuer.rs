//! The check `issuer-match`.

use badge::IssuerMatch;
use proof::{ProofDocument, TrustFile};

use crate::badge_checks::Reading;
use crate::finding::{Finding, Weight};
use crate::report::CheckName;

/// Whether the badge names the issuer in whose account it was anchored. Anything but a match is
/// never plain verified: anybody's account may anchor a copy of somebody's badge.
pub(crate) fn check(read: &Reading, document: &ProofDocument, trust: &TrustFile) -> Finding {
    let name = CheckName::IssuerMatch;
    let registered = &document.badge.issuer;
    let Some(entry) = trust.issuer(registered.as_str()) else {
        let detail = format!("unknown issuer: the trust file does not list {registered}");
        return Finding::not_checked(name, Weight::Unknown, detail);
    };
    let Reading::Badge(badge) = read else {
        let detail = format!("not comparable: no badge names an issuer; anchored by {registered}");
        return Finding::not_checked(name, Weight::Unknown, detail);
    };
    match badge::issuer_match(badge, &entry.identifier, &entry.aliases) {
        IssuerMatch::Match => Finding::passed(
            name,
            format!("the badge names {registered}, whose account anchored it"),
        ),
        IssuerMatch::Other => Finding::failed(
            name,
            Weight::Wrong,
            format!(
                "anchored by another issuer account: {registered}, while the badge names {}",
                badge.issuers.join(", ")
            ),
        ),
        IssuerMatch::NotComparable => Finding::not_checked(
            name,
            Weight::Unknown,
            format!("not comparable: the badge names no issuer; anchored by {registered}"),
        ),
    }
}
