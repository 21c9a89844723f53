//! Checks while they are made: each with its weight for the verdict.

use crate::report::{Check, CheckName, Outcome, Verdict};

/// What a check does to the verdict; the greatest of all decides. A contradiction outweighs
/// everything; a revocation outweighs what could not be checked, since nothing would mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// As it should be, or only told beside.
    None,
    Expired,
    NotFinal,
    Unknown,
    Revoked,
    Wrong,
}

impl Weight {
    const fn verdict(self) -> Verdict {
        match self {
            Self::None => Verdict::Verified,
            Self::NotFinal => Verdict::Provisional,
            Self::Expired => Verdict::Expired,
            Self::Unknown => Verdict::CouldNotBeChecked,
            Self::Revoked => Verdict::Revoked,
            Self::Wrong => Verdict::NotVerified,
        }
    }
}

/// A check and its weight.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    check: Check,
    weight: Weight,
}

impl Finding {
    pub(crate) fn passed(name: CheckName, detail: impl Into<String>) -> Self {
        Self::new(name, Outcome::Passed, Weight::None, detail.into())
    }

    /// Not as it should be; `weight` says how bad that is.
    pub(crate) fn failed(name: CheckName, weight: Weight, detail: impl Into<String>) -> Self {
        Self::new(name, Outcome::Failed, weight, detail.into())
    }

    /// Nobody looked, or could; `weight` is [`Weight::None`] where verification does without.
    pub(crate) fn not_checked(name: CheckName, weight: Weight, detail: impl Into<String>) -> Self {
        Self::new(name, Outcome::NotChecked, weight, detail.into())
    }

    const fn new(name: CheckName, outcome: Outcome, weight: Weight, detail: String) -> Self {
        Self { check: Check { name, outcome, detail }, weight }
    }
}

/// The verdict, its reason, and the checks.
pub(crate) fn conclude(findings: Vec<Finding>) -> (Verdict, String, Vec<Check>) {
    let worst = findings.iter().map(|finding| finding.weight).max().unwrap_or(Weight::Unknown);
    let because = findings.iter().find(|finding| finding.weight == worst);
    let reason = match because {
        Some(finding) if worst != Weight::None => finding.check.detail.clone(),
        _ => "every check that verification needs has passed, at a final block".to_owned(),
    };
    (worst.verdict(), reason, findings.into_iter().map(|finding| finding.check).collect())
}
