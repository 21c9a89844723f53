//! Which ranges a stream is cut into when its next positions are left out. Pure; the same in both back
//! ends.

use domain::{MAX_MINT_BATCH, Position};

use crate::rows::OpenRange;
use crate::{SKIPPED_POSITIONS, StoreError};

/// Badges of a batch that is cut because the positions after it are skipped.
const MAX_CUT_BEFORE_SKIP: u64 = 1_000_000;

/// The ranges that a stream's open part is cut into before its next positions are skipped.
#[must_use]
pub fn ranges_before_skip(open: &OpenRange) -> Vec<(Position, Position)> {
    let most = if open.mints { MAX_MINT_BATCH } else { MAX_CUT_BEFORE_SKIP };
    let mut ranges = Vec::new();
    let mut from = open.from;
    while from < open.next {
        let end = open.next.min(from.plus(most));
        ranges.push((from, end));
        from = end;
    }
    ranges
}

/// The end of the positions that are skipped from `next` on.
///
/// # Errors
/// `Limit` when the stream has no room for them.
pub fn skipped_end(next: Position) -> Result<Position, StoreError> {
    let end = next.plus(SKIPPED_POSITIONS);
    if end.stream() == next.stream() {
        Ok(end)
    } else {
        Err(StoreError::Limit(format!("no room for skipped positions after {next}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamId;

    #[test]
    fn positions_are_skipped_until_the_stream_has_no_room() {
        let first = Position::first_of(StreamId(1));
        let last = first.plus((1 << 48) - SKIPPED_POSITIONS - 1);
        assert_eq!(skipped_end(last).ok(), Some(last.plus(SKIPPED_POSITIONS)));
        assert!(matches!(skipped_end(last.plus(1)), Err(StoreError::Limit(_))));
    }

    #[test]
    fn what_is_open_is_cut_into_batches_that_a_contract_takes() {
        let from = Position::first_of(StreamId(1));
        let open = |mints, count| OpenRange {
            from,
            next: from.plus(count),
            since: None,
            deadline_at: None,
            promise_ms: 1,
            mints,
        };
        let ranges = ranges_before_skip(&open(true, MAX_MINT_BATCH + 1));
        let middle = from.plus(MAX_MINT_BATCH);
        assert_eq!(ranges, [(from, middle), (middle, middle.plus(1))]);
        assert_eq!(ranges_before_skip(&open(false, 5_000)), [(from, from.plus(5_000))]);
        assert!(ranges_before_skip(&open(false, 0)).is_empty());
    }
}
