//! A JSON object of a request, member by member: unknown and repeated members are refused by
//! name, and a value that must be hashed from its bytes keeps them.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::problem::{Answer, Problem, ProblemCode};

/// Longest name that is repeated to the caller, in characters.
const MAX_SHOWN_NAME: usize = 60;

/// The members not yet taken.
pub(crate) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads an object; nested values stay unread.
    pub(crate) fn parse(bytes: &'a [u8]) -> Answer<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            let detail = format!("a JSON object is expected here: {error}");
            Problem::new(ProblemCode::MalformedJson, detail)
        })
    }

    /// Takes a member's bytes as they came.
    pub(crate) fn raw(&mut self, name: &str) -> Option<&'a [u8]> {
        let at = self.0.iter().position(|(found, _)| found == name)?;
        Some(self.0.swap_remove(at).1.get().as_bytes())
    }

    /// Takes a member that may be absent, never `null`.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Answer<Option<T>> {
        let Some(bytes) = self.raw(name) else { return Ok(None) };
        serde_json::from_slice(bytes).map(Some).map_err(|error| invalid(name, &error))
    }

    /// Takes a member that must be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Answer<T> {
        self.optional(name)?.ok_or_else(|| missing(name))
    }

    /// Refuses what was not taken.
    pub(crate) fn finish(self) -> Answer<()> {
        let Some((name, _)) = self.0.into_iter().next() else { return Ok(()) };
        let shown: String = name.chars().take(MAX_SHOWN_NAME).collect();
        let problem = Problem::new(ProblemCode::UnknownMember, format!("unknown member {shown:?}"));
        Err(problem.at(format!("/{}", shown.replace('~', "~0").replace('/', "~1"))))
    }
}

/// The member `name` is not there.
pub(crate) fn missing(name: &str) -> Problem {
    Problem::new(ProblemCode::MissingMember, format!("{name} is missing")).at(format!("/{name}"))
}

/// The member `name` has a wrong value.
pub(crate) fn invalid(name: &str, why: &dyn fmt::Display) -> Problem {
    Problem::new(ProblemCode::InvalidMember, format!("{name}: {why}")).at(format!("/{name}"))
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Self::Value::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                    // more members than any call knows: the rest need not be read
                    if members.len() == 32 {
                        return Err(A::Error::custom("too many members"));
                    }
                    members.push((name, value));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Object).map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Answer<()>) -> &'static str {
        result.map_or_else(|problem| problem.code().as_str(), |()| "fine")
    }

    #[test]
    fn each_member_is_taken_once_and_none_is_left() {
        let read = |text: &str| -> Answer<()> {
            let mut members = Members::parse(text.as_bytes())?;
            members.required::<String>("a")?;
            members.optional::<u8>("b")?;
            members.finish()
        };
        for (text, expected) in [
            (r#"{"a":"x"}"#, "fine"),
            (r#"{"b":1,"a":"x"}"#, "fine"),
            (r#"{"b":1}"#, "missing_member"),
            (r#"{"a":null}"#, "invalid_member"),
            (r#"{"a":"x","b":300}"#, "invalid_member"),
            (r#"{"a":"x","c":1}"#, "unknown_member"),
            (r#"{"a":"x","a":"x"}"#, "malformed_json"),
            (r#"{"a":"x"} {}"#, "malformed_json"),
            (r#"["a"]"#, "malformed_json"),
            ("", "malformed_json"),
        ] {
            assert_eq!(code(read(text)), expected, "{text}");
        }
    }

    #[test]
    fn raw_bytes_stay_as_sent() {
        let text = br#"{"credential": {"n": 1.0e2 , "a":"\u00e9"} }"#;
        let mut members = Members::parse(text).unwrap();
        assert_eq!(members.raw("credential").unwrap(), br#"{"n": 1.0e2 , "a":"\u00e9"}"#);
    }
}
