//! Which submissions of one call are new, and where they go. Pure; the same in both back ends.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::{Acceptance, Accepted, IssuerId, Position, Submission};
use proof::{Hash, Rule, Timestamp};

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
        let position = self.open.next;
        self.new.push(NewBadge { position, submission });
        self.open.next = position.plus(1);
        let window_start = submission.window_started_at.unwrap_or(submission.accepted_at);
        let deadline = window_start.plus_millis(self.open.promise_ms);
        self.open.since = earlier(self.open.since, submission.accepted_at);
        self.open.deadline_at = earlier(self.open.deadline_at, deadline);
        Accepted {
            acceptance: Acceptance::New,
            position,
            salt: submission.salt,
            accepted_at: submission.accepted_at,
            window_started_at: submission.window_started_at,
            external_id: submission.external_id.clone(),
            public_lookup: submission.public_lookup,
        }
    }
}

fn earlier(so_far: Option<Timestamp>, time: Timestamp) -> Option<Timestamp> {
    Some(so_far.map_or(time, |so_far| so_far.min(time)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamId;

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
        }
    }

    #[test]
    fn repeats_take_no_position() {
        let first = Position::first_of(StreamId(1));
        let open =
            OpenRange { from: first, next: first, since: None, deadline_at: None, promise_ms: 100 };
        let calls = [submission(1, 5), submission(2, 3), submission(1, 9), submission(3, 4)];
        let stored = Placement::of(open, &calls[1..2], HashMap::new());
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
}
