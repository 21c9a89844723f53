//! From what is stored to what is promised. Every fact comes from the badge's row and its stream's,
//! never from today's configuration, so a repeat gets the identical promise.

use domain::{Accepted, BadgeRecord, ExternalId, Stream, Submission};
use proof::{Entry, Hash, IssuerIdentifier, Promise, Rule, Timestamp};

/// The stored facts of one badge.
pub(crate) struct Facts<'a> {
    pub(crate) stream: &'a Stream,
    pub(crate) issuer: &'a IssuerIdentifier,
    pub(crate) rule: Rule,
    pub(crate) digest: Hash,
    pub(crate) salt: Hash,
    pub(crate) accepted_at: Timestamp,
    pub(crate) window_started_at: Option<Timestamp>,
    pub(crate) external_id: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// Of a badge at rest.
    pub(crate) fn of_record(record: &'a BadgeRecord) -> Self {
        Self {
            stream: &record.stream,
            issuer: &record.identifier,
            rule: record.rule,
            digest: record.digest,
            salt: record.salt,
            accepted_at: record.accepted_at,
            window_started_at: record.window_started_at,
            external_id: record.external_id.as_ref().map(ExternalId::as_str),
        }
    }

    /// Of a submission that the store has just answered. `stream` is the one of the answered
    /// position.
    pub(crate) fn of_accepted(
        submission: &Submission,
        accepted: &'a Accepted,
        issuer: &'a IssuerIdentifier,
        stream: &'a Stream,
    ) -> Self {
        Self {
            stream,
            issuer,
            rule: submission.rule,
            digest: submission.digest,
            salt: accepted.salt,
            accepted_at: accepted.accepted_at,
            window_started_at: accepted.window_started_at,
            external_id: accepted.external_id.as_ref().map(ExternalId::as_str),
        }
    }

    pub(crate) fn promise(&self) -> Promise {
        let Self { rule, digest, salt, .. } = *self;
        let entry = Entry { rule, issuer: self.issuer.hash(), digest, salt };
        let start = self.window_started_at.unwrap_or(self.accepted_at);
        Promise {
            service: self.stream.service.clone(),
            issuer: self.issuer.clone(),
            rule,
            digest,
            salt,
            leaf: entry.leaf(),
            external_id: self.external_id.map(str::to_owned),
            received_at: self.accepted_at,
            window_started_at: self.window_started_at,
            deadline_at: start.plus_millis(self.stream.promise_ms),
            chain_id: self.stream.chain_id,
            registry: self.stream.registry,
        }
    }
}
