//! Which submissions of one call are new, and where they go. Pure; the same in both back ends.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{Acceptance, Accepted, IssuerId, Position, Recipient, StreamId, Submission};
use proof::{Hash, Rule, Timestamp};

use crate::StoreError;
use crate::rows::OpenRange;

/// What makes two submissions the same badge.
pub type BadgeKey = (Hash, Rule, IssuerId);

/// The key of a submission.
#[must_use]
pub fn badge_key(submission: &Submission) -> BadgeKey {
    (submission.digest, submission.rule, submission.issuer)
}

/// A submission that is to be stored, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBadge<'a> {
    /// The next free position of the stream.
    pub position: Position,
    /// The facts.
    pub submission: &'a Submission,
}

/// The outcome of one call of [`crate::Intake::accept`], before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement<'a> {
    /// The answers, in input order.
    pub accepted: Vec<Accepted>,
    /// What to insert, by position.
    pub new: Vec<NewBadge<'a>>,
    /// The stream's open part after the insert.
    pub open: OpenRange,
}

impl<'a> Placement<'a> {
    /// Gives positions to the submissions that are neither in `known` nor a repeat within the call.
    #[must_use]
    pub fn of(
        open: OpenRange,
        submissions: &'a [Submission],
        known: HashMap<BadgeKey, Accepted>,
    ) -> Self {
        let mut known = known;
        let mut placed =
            Self { accepted: Vec::with_capacity(submissions.len()), new: vec![], open };
        for submission in submissions {
            let answer = match known.entry(badge_key(submission)) {
                Entry::Occupied(stored) => stored.get().clone(),
                Entry::Vacant(free) => {
                    let fresh = placed.place(submission);
                    free.insert(Accepted { acceptance: Acceptance::Known, ..fresh.clone() });
                    fresh
                }
            };
            placed.accepted.push(answer);
        }
        placed
    }

    fn place(&mut self, submission: &'a Submission) -> Accepted {
        let window_start = submission.window_started_at.unwrap_or(submission.accepted_at);
        let position = self.open.take(submission.accepted_at, window_start);
        self.new.push(NewBadge { position, submission });
        Accepted {
            acceptance: Acceptance::New,
            position,
            salt: submission.salt,
            accepted_at: submission.accepted_at,
            window_started_at: submission.window_started_at,
            external_id: submission.external_id.clone(),
            public_lookup: submission.public_lookup,
            recipient: submission.recipient.map(|recipient| recipient.owner),
            metadata: submission.metadata.clone(),
        }
    }

    /// Issuers of the new badges that have a recipient.
    #[must_use]
    pub fn minting_issuers(&self) -> BTreeSet<IssuerId> {
        let minting = self.new.iter().filter(|badge| badge.submission.recipient.is_some());
        minting.map(|badge| badge.submission.issuer).collect()
    }

    /// Gives the new badges that have a recipient a place in the stream of their issuer's
    /// collection. The open parts of those streams are moved on.
    ///
    /// # Errors
    /// `NotFound` for an issuer without a stream, or a stream without its open part.
    pub fn requests(
        &self,
        streams: &BTreeMap<IssuerId, StreamId>,
        open: &mut BTreeMap<StreamId, OpenRange>,
    ) -> Result<Vec<NewToken>, StoreError> {
        let mut requests = Vec::new();
        for NewBadge { position: badge, submission } in &self.new {
            let Some(recipient) = submission.recipient else { continue };
            let stream = streams.get(&submission.issuer).ok_or(StoreError::NotFound)?;
            let open = open.get_mut(stream).ok_or(StoreError::NotFound)?;
            requests.push(NewToken::take(open, *badge, recipient, submission.accepted_at));
        }
        Ok(requests)
    }
}

/// A request to mint that is to be stored, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewToken {
    /// The next free position of its collection's stream.
    pub position: Position,
    /// Whose token.
    pub badge: Position,
    /// Who gets it, and its leaf's salt.
    pub recipient: Recipient,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

impl NewToken {
    /// Takes the next place of a mint stream.
    pub fn take(
        open: &mut OpenRange,
        badge: Position,
        recipient: Recipient,
        requested_at: Timestamp,
    ) -> Self {
        let position = open.take(requested_at, requested_at);
        Self { position, badge, recipient, requested_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::Address;

    fn submission(digest: u8, at: i64) -> Submission {
        Submission {
            issuer: IssuerId(1),
            rule: Rule::Opaque,
            digest: Hash([digest; 32]),
            id_tag: None,
            salt: Hash([digest; 32]),
            accepted_at: Timestamp::from_millis(at).unwrap(),
            window_started_at: None,
            external_id: None,
            public_lookup: true,
            recipient: None,
            metadata: None,
        }
    }

    fn open(stream: i16, mints: bool) -> OpenRange {
        let first = Position::first_of(StreamId(stream));
        OpenRange {
            from: first,
            next: first,
            since: None,
            deadline_at: None,
            promise_ms: 100,
            mints,
        }
    }

    #[test]
    fn repeats_take_no_position() {
        let first = Position::first_of(StreamId(1));
        let calls = [submission(1, 5), submission(2, 3), submission(1, 9), submission(3, 4)];
        let stored = Placement::of(open(1, false), &calls[1..2], HashMap::new());
        let again = Accepted { acceptance: Acceptance::Known, ..stored.accepted[0].clone() };
        let placed =
            Placement::of(stored.open, &calls, HashMap::from([(badge_key(&calls[1]), again)]));
        let numbers: Vec<_> =
            placed.accepted.iter().map(|it| it.position.distance_from(first)).collect();
        assert_eq!(numbers, [1, 0, 1, 2]);
        assert_eq!(placed.new.len(), 2);
        assert_eq!(placed.accepted[2].accepted_at, calls[0].accepted_at);
        assert_eq!(placed.accepted[2].acceptance, Acceptance::Known);
        assert_eq!(placed.open.next, first.plus(3));
        assert_eq!(placed.open.since.unwrap().millis(), 3);
        assert_eq!(placed.open.deadline_at.unwrap().millis(), 103);
    }

    #[test]
    fn recipients_take_places_of_their_issuers_collection() {
        let badge = |digest, issuer, owner: Option<u8>| Submission {
            issuer: IssuerId(issuer),
            recipient: owner
                .map(|byte| Recipient { owner: Address([byte; 20]), salt: Hash([byte; 32]) }),
            ..submission(digest, i64::from(digest))
        };
        let calls = [
            badge(1, 1, Some(9)),
            badge(2, 2, Some(8)),
            badge(3, 1, None),
            badge(1, 1, Some(7)),
            badge(4, 1, Some(6)),
        ];
        let placed = Placement::of(open(1, false), &calls, HashMap::new());
        assert_eq!(placed.minting_issuers(), BTreeSet::from([IssuerId(1), IssuerId(2)]));
        let streams = BTreeMap::from([(IssuerId(1), StreamId(2)), (IssuerId(2), StreamId(3))]);
        let mut parts =
            BTreeMap::from([(StreamId(2), open(2, true)), (StreamId(3), open(3, true))]);
        let requests = placed.requests(&streams, &mut parts).unwrap();
        let (one, two) = (Position::first_of(StreamId(2)), Position::first_of(StreamId(3)));
        let places: Vec<_> =
            requests.iter().map(|it| (it.position, it.recipient.owner.0[0])).collect();
        assert_eq!(places, [(one, 9), (two, 8), (one.plus(1), 6)]);
        assert_eq!(requests[2].badge, Position::first_of(StreamId(1)).plus(3));
        assert_eq!(parts[&StreamId(2)].next, one.plus(2));
        assert_eq!(parts[&StreamId(2)].since.unwrap().millis(), 1);
        let nowhere = placed.requests(&BTreeMap::new(), &mut parts);
        assert!(matches!(nowhere, Err(StoreError::NotFound)));
    }
}
