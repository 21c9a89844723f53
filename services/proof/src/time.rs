//! Points in time as every document and both databases carry them.

use std::fmt;
use std::str::FromStr;

use crate::text_form::text_form;

/// Milliseconds since 1970-01-01T00:00:00Z, written as `YYYY-MM-DDTHH:MM:SS.sssZ` (RFC 3339, UTC,
/// always three decimals). Years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// A text or number that is no [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not RFC 3339.
    #[error("expected a time like 2026-03-01T09:30:00.000Z (RFC 3339)")]
    Syntax,
    /// Before 1970 or after 9999.
    #[error("the year must be from 1970 to 9999")]
    Range,
}

/// 9999-12-30T21:59:59.999Z, the last second that every offset of RFC 3339 can show.
const LAST: i64 = 253_402_207_199_999;

impl Timestamp {
    /// From milliseconds since the epoch.
    ///
    /// # Errors
    /// [`TimestampError::Range`] outside the years 1970 to 9999.
    pub const fn from_millis(millis: i64) -> Result<Self, TimestampError> {
        if millis < 0 || millis > LAST { Err(TimestampError::Range) } else { Ok(Self(millis)) }
    }

    /// From seconds since the epoch, as block headers carry them; a value past the year 9999 is
    /// taken as the last representable millisecond.
    #[must_use]
    pub fn from_block_seconds(seconds: u64) -> Self {
        Self(i64::try_from(seconds.saturating_mul(1000)).unwrap_or(LAST).min(LAST))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This many milliseconds later (earlier, when negative), held within the range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis).clamp(0, LAST))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Reads any RFC 3339 time with an offset, cut to milliseconds.
    ///
    /// # Errors
    /// Not RFC 3339, or out of range.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        let parsed: jiff::Timestamp = text.parse().map_err(|_| TimestampError::Syntax)?;
        Self::from_millis(parsed.as_millisecond())
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Strict: only the form that [`fmt::Display`] writes, so that a document has one spelling.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let parsed = Self::parse_rfc3339(text)?;
        if parsed.to_string() == text { Ok(parsed) } else { Err(TimestampError::Syntax) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

text_form!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_spelling() {
        let time = Timestamp::from_millis(1_772_357_400_000).unwrap();
        assert_eq!(time.to_string(), "2026-03-01T09:30:00.000Z");
        assert_eq!("2026-03-01T09:30:00.000Z".parse(), Ok(time));
        for other in ["2026-03-01T09:30:00Z", "2026-03-01T18:30:00.000+09:00", "2026-03-01"] {
            assert_eq!(other.parse::<Timestamp>(), Err(TimestampError::Syntax), "{other}");
        }
        assert_eq!(Timestamp::parse_rfc3339("2026-03-01T18:30:00+09:00"), Ok(time));
    }

    #[test]
    fn stays_in_range() {
        assert!(Timestamp::from_millis(-1).is_err());
        assert_eq!(Timestamp::from_block_seconds(u64::MAX).to_string(), "9999-12-30T21:59:59.999Z");
        assert_eq!(Timestamp::default().plus_millis(-5), Timestamp::default());
    }
}
