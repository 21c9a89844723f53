//! The verification of proof.md, step by step.

use proof::{ComputeError, Computed, Hash, ProofDocument, Timestamp, TrustFile};

use crate::anchor::{self, Anchors};
use crate::badge_checks::{self, Reading};
use crate::finding::{Finding, Weight, conclude};
use crate::reading::Readings;
use crate::report::{CheckName, Report, Times};
use crate::{issuer, receipt, recipient, signatures, token};

/// What the holder shows beside the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// The badge or file itself.
    Bytes(&'a [u8]),
    /// Only its digest, by the document's rule: the badge's own words (issuer, expiry) are then
    /// not known, so it can never be verified.
    Digest(Hash),
    /// Nothing but the proof; never verified either.
    Nothing,
}

/// All that a verification looks at.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What the holder shows.
    pub presented: Presented<'a>,
    /// The proof.
    pub document: &'a ProofDocument,
    /// The only judge.
    pub trust: &'a TrustFile,
    /// Answers to [`crate::readings_needed`]; one that is missing counts as unreachable.
    pub readings: &'a Readings,
    /// Only for the badge's own expiry. Nothing about the anchor depends on it.
    pub now: Timestamp,
    /// Whose the badge should be: an e-mail address or another identifier, as the verifier entered
    /// it. The report does not repeat it.
    pub recipient: Option<&'a str>,
}

/// Judges. Never fails: what cannot be checked is in the report.
#[must_use]
pub fn verify(question: &Question<'_>) -> Report {
    let Question { presented, document, trust, readings, now, recipient } = *question;
    let read = badge_checks::read(presented, document.badge.rule);
    let receipts = receipt::check(document, trust);
    let computed = document.computed();
    let anchors = match computed {
        Ok(_) => anchor::look_up(document, trust, &readings.anchors),
        Err(_) => Anchors::default(),
    };

    let token = token::check(document, trust, readings.token.as_ref());

    let mut findings = vec![badge_checks::digest(&read, document)];
    findings.extend(tree(document, computed, receipts.holds()));
    match computed {
        Ok(_) => findings.extend(anchor::check(&anchors, receipts.holds())),
        Err(_) => findings.extend(anchor::not_looked_up()),
    }
    findings.push(issuer::check(&read, document, trust));
    findings.push(anchors.revocation());
    findings.extend(token.iter().map(|(finding, _)| finding.clone()));
    findings.extend(receipts.findings());
    findings.push(badge_checks::not_expired(&read, now));
    findings.push(credential_status());
    let signatures = signatures::look_up(presented, &read);
    findings.push(signatures::check(signatures.as_deref()));
    findings.push(recipient::check(presented, &read, recipient));

    let (verdict, reason, checks) = conclude(findings);
    let times = times(&read, &anchors, &receipts);
    Report {
        verdict,
        reason,
        checks,
        service: trust.service.clone(),
        issuer: document.badge.issuer.clone(),
        rule: document.badge.rule,
        digest: document.badge.digest,
        leaf: document.leaf(),
        root: computed.ok().map(|computed| computed.root),
        commitment: computed.ok().map(|computed| computed.commitment),
        anchors: anchors.reports,
        token: token.map(|(_, report)| report),
        signatures: signatures::reports(signatures),
        times,
    }
}

/// Leaf, inclusion, commitment. A document without inclusion is no proof yet: provisional while
/// the service's own promise stands behind it, else nothing is known.
fn tree(
    document: &ProofDocument,
    computed: Result<Computed, ComputeError>,
    promised: bool,
) -> [Finding; 3] {
    let leaf = Finding::passed(
        CheckName::Leaf,
        format!("rule, issuer, digest and salt make the leaf {}", document.leaf()),
    );
    let (inclusion, commitment) = match computed {
        Ok(Computed { root, commitment, .. }) => (
            Finding::passed(CheckName::Inclusion, format!("the path leads to the root {root}")),
            Finding::passed(CheckName::Commitment, format!("the batch is {commitment}")),
        ),
        Err(ComputeError::Pending) => {
            let weight = if promised { Weight::NotFinal } else { Weight::Unknown };
            let why = "the badge is not in a sealed batch yet";
            (
                Finding::not_checked(CheckName::Inclusion, weight, why),
                Finding::not_checked(CheckName::Commitment, weight, why),
            )
        }
        Err(ComputeError::Inclusion(error)) => (
            Finding::failed(CheckName::Inclusion, Weight::Wrong, error.to_string()),
            Finding::not_checked(CheckName::Commitment, Weight::None, "there is no root"),
        ),
    };
    [leaf, inclusion, commitment]
}

/// Listed so that nobody takes its absence for a pass.
fn credential_status() -> Finding {
    Finding::not_checked(
        CheckName::CredentialStatus,
        Weight::None,
        "status lists named in the badge are not fetched",
    )
}

fn times(read: &Reading, anchors: &Anchors, receipts: &receipt::Receipts) -> Times {
    let badge = match read {
        Reading::Badge(badge) => Some(badge),
        _ => None,
    };
    Times {
        existed_no_later_than: anchors.proven_time(),
        promise: receipts.promise(&anchors.reports),
        valid_from: badge.and_then(|badge| badge.valid_from.clone()),
        valid_until: badge.and_then(|badge| badge.valid_until.clone()),
    }
}
