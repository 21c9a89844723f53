//! Each value has one spelling in a document: what two readers hash is then equal, and no changed
//! byte goes unnoticed. These are the `serde` functions for what the types alone do not hold.

use std::fmt;

use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

use crate::Address;

/// The largest integer that every JSON reader keeps exact (RFC 7493 section 2.2): 2^53 − 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// For optional members: absent or a value, never `null`.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// An integer up to [`MAX_SAFE_INTEGER`].
pub(crate) mod safe_integer {
    use super::*;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let value = u64::deserialize(deserializer)?;
        if value > MAX_SAFE_INTEGER {
            return Err(D::Error::custom("an integer is at most 2^53 - 1"));
        }
        Ok(value)
    }

    pub(crate) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(*value)
    }
}

/// [`safe_integer`] for an optional member.
pub(crate) fn present_integer<'de, D>(deserializer: D) -> Result<Option<u64>, D::Error>
where
    D: Deserializer<'de>,
{
    safe_integer::deserialize(deserializer).map(Some)
}

/// An address in lower case, as [`Address`] is written.
pub(crate) fn lower_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Address, D::Error> {
    let text = String::deserialize(deserializer)?;
    let address: Address = text.parse().map_err(D::Error::custom)?;
    if address.to_string() == text {
        Ok(address)
    } else {
        Err(D::Error::custom("an address is written in lower case here"))
    }
}

/// [`lower_address`] for an optional member.
pub(crate) fn present_address<'de, D>(deserializer: D) -> Result<Option<Address>, D::Error>
where
    D: Deserializer<'de>,
{
    lower_address(deserializer).map(Some)
}

/// A list of 1 to `MAX` addresses in lower case; an empty one is absent.
pub(crate) fn present_addresses<'de, const MAX: usize, D>(
    deserializer: D,
) -> Result<Vec<Address>, D::Error>
where
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    struct Lower(#[serde(deserialize_with = "lower_address")] Address);

    let list: Vec<Lower> = at_most::<MAX, _, _>(deserializer)?;
    if list.is_empty() {
        return Err(D::Error::custom("an empty list is left out"));
    }
    Ok(list.into_iter().map(|Lower(address)| address).collect())
}

/// A list of at most `MAX` items, refused at the first item too many.
pub(crate) fn at_most<'de, const MAX: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Bounded<const MAX: usize, T>(std::marker::PhantomData<T>);

    impl<'de, const MAX: usize, T: Deserialize<'de>> Visitor<'de> for Bounded<MAX, T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX} items")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while items.len() < MAX {
                match list.next_element()? {
                    Some(item) => items.push(item),
                    None => return Ok(items),
                }
            }
            match list.next_element::<IgnoredAny>()? {
                None => Ok(items),
                Some(_) => Err(A::Error::invalid_length(MAX + 1, &self)),
            }
        }
    }

    deserializer.deserialize_seq(Bounded::<MAX, T>(std::marker::PhantomData))
}
