//! When open badges are cut into a batch.

use proof::Timestamp;

use crate::{Decision, DecisionReason, StreamView};

/// Limits of a batch, per chain profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealPolicy {
    /// Cut as soon as this many are open.
    pub due_count: u64,
    /// The largest batch; at least `due_count`.
    pub max_count: u64,
    /// Cut when the oldest open badge has waited this long and a transaction may be sent, in
    /// milliseconds: until then badges gather, so that one transaction serves all.
    pub max_age_ms: i64,
    /// Cut when the earliest deadline is this near, in milliseconds, whatever else.
    pub deadline_lead_ms: i64,
}

/// What made a cut due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealReason {
    Count,
    /// They waited long enough, and nothing speaks against sending.
    Age,
    /// They waited long enough, and fees are low.
    LowFee,
    Deadline,
}

impl SealPolicy {
    /// Whether to cut now, and how many badges. `decision`: whether a batch cut now would be sent at
    /// once ([`crate::SendTiming::gather`]).
    #[must_use]
    pub fn due(
        &self,
        now: Timestamp,
        view: &StreamView,
        decision: &Decision,
    ) -> Option<(SealReason, u64)> {
        let open = view.open();
        if open == 0 {
            return None;
        }
        let near = |deadline: Timestamp| deadline.since(now) <= self.deadline_lead_ms;
        let old = |since: Timestamp| now.since(since) >= self.max_age_ms;
        let reason = if open >= self.due_count {
            SealReason::Count
        } else if view.open_deadline_at.is_some_and(near) {
            SealReason::Deadline
        } else if decision.sends() && view.open_since.is_some_and(old) {
            match decision.reason {
                DecisionReason::Low | DecisionReason::LowSoFar => SealReason::LowFee,
                _ => SealReason::Age,
            }
        } else {
            return None;
        };
        Some((reason, open.min(self.max_count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Position, Stream, StreamId, StreamKind};
    use proof::Address;

    fn view(open: u64, since: i64, deadline: i64) -> StreamView {
        let first = Position::first_of(StreamId(1));
        let at = |millis| Timestamp::from_millis(millis).ok().filter(|_| open > 0);
        StreamView {
            stream: Stream {
                id: StreamId(1),
                chain_id: 1,
                registry: Address::default(),
                service: "test".into(),
                kind: StreamKind::Anchor,
                shard: 0,
                promise_ms: 1000,
            },
            open_from: first,
            next: first.plus(open),
            open_since: at(since),
            open_deadline_at: at(deadline),
            cut: Vec::new(),
        }
    }

    #[test]
    fn cuts_by_count_age_and_deadline_only() {
        let policy =
            SealPolicy { due_count: 8, max_count: 10, max_age_ms: 100, deadline_lead_ms: 50 };
        let now = Timestamp::from_millis(1000).unwrap();
        let decided = |reason| Decision { reason, base_fee: None, bar: None };
        let latest = decided(DecisionReason::Latest);
        let due = |open, since, deadline| policy.due(now, &view(open, since, deadline), &latest);
        assert_eq!(due(0, 0, 0), None);
        assert_eq!(due(1, 901, 1051), None);
        assert_eq!(due(1, 900, 9999), Some((SealReason::Age, 1)));
        assert_eq!(due(3, 999, 1050), Some((SealReason::Deadline, 3)));
        assert_eq!(due(8, 999, 9999), Some((SealReason::Count, 8)));
        assert_eq!(due(25, 999, 9999), Some((SealReason::Count, 10)));
        let low = policy.due(now, &view(1, 900, 9999), &decided(DecisionReason::Low));
        assert_eq!(low, Some((SealReason::LowFee, 1)));
        let waits = decided(DecisionReason::LowerExpected);
        let held = |open, since, deadline| policy.due(now, &view(open, since, deadline), &waits);
        assert_eq!(held(1, 900, 9999), None, "it gathers until it can be sent");
        assert_eq!(held(3, 999, 1050), Some((SealReason::Deadline, 3)));
        assert_eq!(held(8, 999, 9999), Some((SealReason::Count, 8)));
    }
}
