//! Reading JSON strictly: what one reader refuses or drops, no other shall accept.

use std::collections::HashSet;
use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
};
use serde_path_to_error::Segment;

/// Deepest nesting of objects and lists. Known members need 5.
const MAX_DEPTH: usize = 32;

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Larger than this kind of document may be.
    #[error("the document has {found} bytes; at most {limit} are read")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// No JSON, a duplicate member, nested too deep, or a member that is missing, unknown or
    /// malformed.
    #[error("at {}: {reason}", if pointer.is_empty() { "the top" } else { pointer.as_str() })]
    At {
        /// Where, as a JSON pointer (RFC 6901); empty for the whole document.
        pointer: String,
        /// What is wrong there.
        reason: String,
    },
}

/// Reads a document of at most `limit` bytes: UTF-8 without a byte order mark, no duplicate member
/// names anywhere (compared after unescaping), no deep nesting, nothing after its end.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, DocumentError> {
    if bytes.len() > limit {
        return Err(DocumentError::TooLarge { limit, found: bytes.len() });
    }
    refuse_ambiguity(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut json).map_err(|error| DocumentError::At {
        pointer: pointer(error.path().iter()),
        reason: error.inner().to_string(),
    })
}

fn pointer<'a>(segments: impl Iterator<Item = &'a Segment>) -> String {
    let mut pointer = String::new();
    for segment in segments {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// `serde_json` keeps the last of two equal names in a map and ignores both where the member is
/// unknown; so names are compared in a pass of their own.
fn refuse_ambiguity(bytes: &[u8]) -> Result<(), DocumentError> {
    let mut place = String::new();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    Walk { place: &mut place, depth: 0 }
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|error| DocumentError::At { pointer: place, reason: error.to_string() })
}

/// Visits every value.
struct Walk<'p> {
    /// Pointer to the value being read; it stays where it was when an error ends the walk.
    place: &'p mut String,
    /// Objects and lists around the value.
    depth: usize,
}

impl Walk<'_> {
    fn enter<E: Error>(&self) -> Result<(), E> {
        if self.depth == MAX_DEPTH { Err(E::custom("nested too deep")) } else { Ok(()) }
    }

    fn below(&mut self) -> Walk<'_> {
        Walk { place: self.place, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.enter()?;
        let parent = self.place.len();
        let mut index = 0_usize;
        loop {
            push(self.place, &index.to_string());
            if list.next_element_seed(self.below())?.is_none() {
                self.place.truncate(parent);
                return Ok(());
            }
            self.place.truncate(parent);
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.enter()?;
        let parent = self.place.len();
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            push(self.place, &name);
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate member"));
            }
            map.next_value_seed(self.below())?;
            self.place.truncate(parent);
        }
        Ok(())
    }
}
