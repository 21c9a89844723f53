//! What a strict JSON text says, and its canonical form.

use std::borrow::Cow;

use proof::Hash;
use serde::{Serialize, Serializer};

use super::MAX_BYTES;
use crate::{Code, Refusal};

/// A JSON value that was read strictly. Text that needed no unescaping is borrowed.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Always finite, and exactly what its lexeme stands for in every reader.
    Number(f64),
    /// Unescaped, never normalised.
    String(Cow<'a, str>),
    /// Elements in their order.
    Array(Vec<Self>),
    /// Members sorted by name (UTF-8 bytes), names distinct.
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Value<'a> {
    /// The member of an object; `None` also for any other value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let at = members.binary_search_by(|(key, _)| key.as_ref().cmp(name)).ok()?;
        Some(&members[at].1)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// This value as a list: an array's elements, or the value itself (JSON-LD writes a set of
    /// one either way).
    #[must_use]
    pub fn as_set(&self) -> &[Self] {
        match self {
            Self::Array(elements) => elements,
            one => std::slice::from_ref(one),
        }
    }

    /// Takes a member out of an object.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let Self::Object(members) = self else { return None };
        let at = members.binary_search_by(|(key, _)| key.as_ref().cmp(name)).ok()?;
        Some(members.remove(at).1)
    }

    /// The JCS form (RFC 8785).
    ///
    /// # Errors
    /// `too_large` when it is longer than [`MAX_BYTES`] (`1e15` grows), for the canonical form of
    /// what is accepted must be accepted itself.
    pub fn to_jcs(&self) -> Result<Vec<u8>, Refusal> {
        let jcs = serde_json_canonicalizer::to_vec(self)
            .expect("names are distinct, numbers finite and the sink is memory");
        if jcs.len() > MAX_BYTES {
            let why = "the canonical form has at most 1 MiB";
            return Err(Refusal::at_byte(Code::TooLarge, MAX_BYTES, why));
        }
        Ok(jcs)
    }

    /// SHA-256 over [`Value::to_jcs`].
    ///
    /// # Errors
    /// As [`Value::to_jcs`].
    pub fn digest(&self) -> Result<Hash, Refusal> {
        Ok(Hash::of(&[&self.to_jcs()?]))
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}
