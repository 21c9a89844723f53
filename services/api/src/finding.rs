//! What this service knows of a badge that somebody presents, and what to do.

use badge::{Badge, Refusal};
use proof::ProofDocument;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::known_id;
use crate::problem::{Answer, Problem, ProblemCode};
use crate::proofs::lookup::by_badge;
use crate::service::Service;

/// What is known of a presented badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its content is what was submitted, whatever form it has now.
    Match,
    /// A badge with its id was submitted, but this is not its content.
    OtherContent,
    /// Nothing is known of it: never submitted, erased, or closed to the public.
    Unknown,
    /// It has no digest.
    Unreadable,
}

/// An outcome with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What is known.
    pub outcome: Outcome,
    /// What to do, in one sentence.
    #[schema(example = "Keep the proof with the badge, or have both verified.")]
    pub advice: String,
}

const FOUND: &str = "Keep the proof with the badge, or have both verified.";
const FITS: &str = "Nothing is to be done: the verdict is about this very content.";
const FITS_ANOTHER: &str = "Verify the badge without the proof that came with it: that one is of \
    other content, and this service has the badge's own.";
const OTHER_CONTENT: &str = "Ask the holder or the issuer for the file as it was issued: the \
    issuer submitted a badge with this id, but a wallet rewrote it since, this is another edition \
    of it (a JSON and a JWT are two), or somebody altered it.";
const UNKNOWN: &str = "Ask the issuer whether this badge was submitted and is open to the public, \
    or ask the holder for its proof document.";

impl Finding {
    fn new(outcome: Outcome, advice: &str) -> Self {
        Self { outcome, advice: advice.to_owned() }
    }

    /// A badge, or a digest, whose proof was found.
    pub(crate) fn found() -> Self {
        Self::new(Outcome::Match, FOUND)
    }

    pub(crate) fn unknown() -> Self {
        Self::new(Outcome::Unknown, UNKNOWN)
    }

    pub(crate) fn unreadable(refusal: &Refusal) -> Self {
        Self::new(Outcome::Unreadable, refusal.code.advice())
    }

    fn other_content() -> Self {
        Self::new(Outcome::OtherContent, OTHER_CONTENT)
    }

    /// Of a badge that is judged by `document`.
    ///
    /// # Errors
    /// Those of the store, which is asked only when the two do not fit.
    pub(crate) async fn of_judged(
        service: &Service,
        read: &Result<Badge, Refusal>,
        document: &ProofDocument,
    ) -> Answer<Self> {
        let badge = match read {
            Ok(badge) => badge,
            Err(refusal) => return Ok(Self::unreadable(refusal)),
        };
        if (badge.rule, badge.digest) == (document.badge.rule, document.badge.digest) {
            return Ok(Self::new(Outcome::Match, FITS));
        }
        if !by_badge(service, badge).await?.is_empty() {
            return Ok(Self::new(Outcome::Match, FITS_ANOTHER));
        }
        if known_id::is_known(service, badge).await? {
            return Ok(Self::other_content());
        }
        Ok(Self::unknown())
    }
}

/// Why there is no proof of a badge whose content is not stored, or not open.
///
/// # Errors
/// Those of the store.
pub(crate) async fn not_found(service: &Service, badge: &Badge) -> Answer<Problem> {
    if known_id::is_known(service, badge).await? {
        let detail = "a badge with this id was submitted, with other content";
        let problem = Problem::new(ProblemCode::KnownIdOtherContent, detail);
        return Ok(problem.found(Finding::other_content()));
    }
    Ok(Problem::not_found().found(Finding::unknown()))
}
