//! A badge at intake and at rest.

use std::fmt;
use std::str::FromStr;

use proof::{Address, AuditHead, Entry, Hash, IssuerIdentifier, Rule, Timestamp};

use crate::{
    AccountId, Batch, BatchState, IdTag, IssuerId, Position, PublicMetadata, Recipient, Revocation,
    Stream,
};

/// Longest external id in bytes.
pub const MAX_EXTERNAL_ID_LEN: usize = 200;

/// The issuing platform's own name for a badge: 1 to 200 bytes, no control characters. It links
/// the editions of one badge and stands in the receipt; it is no secret and must not be personal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(String);

/// A text that is no [`ExternalId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an externalId has 1 to {MAX_EXTERNAL_ID_LEN} bytes and no control characters")]
pub struct ExternalIdError;

impl ExternalId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = ExternalIdError;

    fn from_str(text: &str) -> Result<Self, ExternalIdError> {
        let fits = (1..=MAX_EXTERNAL_ID_LEN).contains(&text.len());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ExternalIdError)
        }
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One badge as intake hands it to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub issuer: IssuerId,
    pub rule: Rule,
    pub digest: Hash,
    /// Of the id in a badge that the service read; no option, and not compared with a repeat's.
    pub id_tag: Option<IdTag>,
    /// Drawn for this submission; dropped when the badge is already known.
    pub salt: Hash,
    /// When the service took it.
    pub accepted_at: Timestamp,
    /// When the learner accepted the badge, as the platform says.
    pub window_started_at: Option<Timestamp>,
    pub external_id: Option<ExternalId>,
    /// Whether anyone who has the badge or its digest may look its proof up.
    pub public_lookup: bool,
    /// Who gets a token for it; a later request may add or replace one.
    pub recipient: Option<Recipient>,
    /// What a token may show of it.
    pub metadata: Option<PublicMetadata>,
}

impl Submission {
    /// The head of the service's own audit log. Its proof goes to whom an operator gives it.
    #[must_use]
    pub fn of_head(head: &AuditHead, salt: Hash) -> Self {
        Self {
            issuer: IssuerId::SERVICE,
            rule: Rule::AuditHead,
            digest: head.digest(),
            id_tag: None,
            salt,
            accepted_at: head.made_at,
            window_started_at: None,
            external_id: None,
            public_lookup: false,
            recipient: None,
            metadata: None,
        }
    }
}

/// Whether an accepted badge was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// Stored by this call.
    New,
    /// The same issuer, rule and digest was stored before; the stored facts stand.
    Known,
}

/// What the store holds of a submission after the durable commit: the facts of the promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub acceptance: Acceptance,
    pub position: Position,
    pub salt: Hash,
    pub accepted_at: Timestamp,
    pub window_started_at: Option<Timestamp>,
    pub external_id: Option<ExternalId>,
    /// Whether anyone who has the badge or its digest may look its proof up.
    pub public_lookup: bool,
    /// As asked for at intake.
    pub recipient: Option<Address>,
    /// What a token may show of it.
    pub metadata: Option<PublicMetadata>,
}

impl Accepted {
    /// Whether the stored badge has the options of `submission`; if not, a repeat is a conflict.
    #[must_use]
    pub fn same_options(&self, submission: &Submission) -> bool {
        self.window_started_at == submission.window_started_at
            && self.external_id == submission.external_id
            && self.public_lookup == submission.public_lookup
            && self.recipient == submission.recipient.map(|recipient| recipient.owner)
            && self.metadata == submission.metadata
    }
}

/// The one list of states that the API shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BadgeState {
    /// Durable; its batch is not cut yet.
    Accepted,
    /// In a batch that waits for its transaction.
    Sealed,
    /// The batch's transaction is on its way.
    Submitted,
    /// Seen on chain; a reorganisation may still undo it.
    Included,
    /// On chain at a final block.
    Final,
}

impl BadgeState {
    /// All states, in their order.
    pub const ALL: [Self; 5] =
        [Self::Accepted, Self::Sealed, Self::Submitted, Self::Included, Self::Final];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sealed => "sealed",
            Self::Submitted => "submitted",
            Self::Included => "included",
            Self::Final => "final",
        }
    }
}

/// A stored badge with all that status, receipt and proof need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeRecord {
    pub position: Position,
    pub stream: Stream,
    pub account: AccountId,
    pub issuer: IssuerId,
    pub identifier: IssuerIdentifier,
    pub rule: Rule,
    pub digest: Hash,
    pub salt: Hash,
    pub accepted_at: Timestamp,
    pub window_started_at: Option<Timestamp>,
    pub external_id: Option<ExternalId>,
    /// Whether anyone who has the badge or its digest may look its proof up.
    pub public_lookup: bool,
    /// As asked for at intake; [`crate::Token`] has what became of it.
    pub recipient: Option<Address>,
    /// The batch whose range holds the position; `None` before the cut.
    pub batch: Option<Batch>,
    pub revocation: Option<Revocation>,
}

impl BadgeRecord {
    /// The entry behind the badge's leaf.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry {
            rule: self.rule,
            issuer: self.identifier.hash(),
            digest: self.digest,
            salt: self.salt,
        }
    }

    /// The end of the promise.
    #[must_use]
    pub fn deadline_at(&self) -> Timestamp {
        let start = self.window_started_at.unwrap_or(self.accepted_at);
        start.plus_millis(self.stream.promise_ms)
    }

    /// The state to show.
    #[must_use]
    pub fn state(&self) -> BadgeState {
        match self.batch.as_ref().map(|batch| &batch.state) {
            None => BadgeState::Accepted,
            Some(
                BatchState::Cut
                | BatchState::Vacated
                | BatchState::Sealed { .. }
                | BatchState::Blocked { .. },
            ) => BadgeState::Sealed,
            Some(BatchState::InFlight { inclusion: None, .. }) => BadgeState::Submitted,
            Some(BatchState::InFlight { inclusion: Some(_), .. }) => BadgeState::Included,
            Some(BatchState::Final { .. }) => BadgeState::Final,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_ids_are_bounded() {
        assert!("수료-2026-001".parse::<ExternalId>().is_ok());
        for wrong in [String::new(), "a\nb".to_owned(), "a".repeat(MAX_EXTERNAL_ID_LEN + 1)] {
            assert_eq!(wrong.parse::<ExternalId>(), Err(ExternalIdError));
        }
    }
}
