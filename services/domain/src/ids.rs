//! Row identifiers, one type a table, so that they cannot be mixed.

use std::fmt;
use std::str::FromStr;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident($int:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(/** A platform that posts badges. */ AccountId(i64));
row_id!(/** A registered issuer. */ IssuerId(i32));
row_id!(/** A sequence of positions; at most 32,767. */ StreamId(i16));
row_id!(/** A collection of tokens. */ CollectionId(i32));
row_id!(/** A batch. */ BatchId(i64));
row_id!(/** A signing key and its nonce sequence. */ SignerId(i32));
row_id!(/** One nonce of a signer. */ TransactionId(i64));

impl AccountId {
    /// The service itself, which submits the heads of its audit log. Nobody has a key for it.
    pub const SERVICE: Self = Self(0);
}

impl IssuerId {
    /// The service itself, as the issuer of the heads of its audit log.
    pub const SERVICE: Self = Self(0);
}

/// A badge's place: the stream in the high bits, a gapless number in the low 48. The leaf index in
/// its batch is `position − first position of the batch`. In text it is the badge's `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(i64);

const NUMBER_BITS: u32 = 48;

impl Position {
    /// The first position of a stream.
    #[must_use]
    pub fn first_of(stream: StreamId) -> Self {
        Self(i64::from(stream.0) << NUMBER_BITS)
    }

    /// From a database column or a parsed id; `None` when negative.
    #[must_use]
    pub const fn from_i64(value: i64) -> Option<Self> {
        if value < 0 { None } else { Some(Self(value)) }
    }

    /// As a database column.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// As hashed into a vacated leaf.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0.cast_unsigned()
    }

    /// The stream in the high bits.
    #[must_use]
    pub fn stream(self) -> StreamId {
        // the value is not negative, so 15 bits remain
        StreamId((self.0 >> NUMBER_BITS) as i16)
    }

    /// This many positions later in the same stream.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0 + count as i64)
    }

    /// How many positions from `first` to `self`; 0 when `self` is before it.
    #[must_use]
    pub const fn distance_from(self, first: Self) -> u64 {
        if self.0 < first.0 { 0 } else { (self.0 - first.0).cast_unsigned() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a badge id is a decimal number without sign or leading zeros")]
pub struct PositionError;

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let value: i64 = text.parse().map_err(|_| PositionError)?;
        let position = Self::from_i64(value).ok_or(PositionError)?;
        if position.to_string() == text { Ok(position) } else { Err(PositionError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_carries_its_stream() {
        let first = Position::first_of(StreamId(7));
        assert_eq!(first.stream(), StreamId(7));
        assert_eq!(first.plus(5).distance_from(first), 5);
        assert_eq!(first.distance_from(first.plus(1)), 0);
        assert_eq!(first.to_string().parse(), Ok(first));
        for wrong in ["-1", "+1", "01", "", "9223372036854775808"] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong}");
        }
    }
}
