//! Where the parts of a JSON text stand, for whoever adds to a text without writing it anew.

use std::borrow::Cow;
use std::ops::Range;

use super::parser::Parser;
use crate::Refusal;

/// A member of an object.
pub(crate) struct Member<'a> {
    /// Unescaped.
    pub(crate) name: Cow<'a, str>,
    /// The bytes of its value, without white space around it.
    pub(crate) value: Range<usize>,
}

/// The members of an object in their order.
pub(crate) struct Members<'a>(pub(crate) Vec<Member<'a>>);

impl Members<'_> {
    /// Those of the object that begins at `at`, or after white space (and, at 0, a byte-order
    /// mark). Empty for any other value.
    ///
    /// # Errors
    /// Those of [`super::parse`]; none in a text that it has accepted.
    pub(crate) fn at(text: &str, at: usize) -> Result<Members<'_>, Refusal> {
        Parser::new(text, after_mark(text, at)).member_spans().map(Members)
    }

    /// The value of the member `name`.
    pub(crate) fn get(&self, name: &str) -> Option<Range<usize>> {
        self.0.iter().find(|member| member.name == name).map(|member| member.value.clone())
    }
}

/// The elements of the array that begins at `at`. Empty for any other value.
///
/// # Errors
/// As [`Members::at`].
pub(crate) fn elements_at(text: &str, at: usize) -> Result<Vec<Range<usize>>, Refusal> {
    Parser::new(text, after_mark(text, at)).element_spans()
}

fn after_mark(text: &str, at: usize) -> usize {
    if at == 0 && text.starts_with(super::BYTE_ORDER_MARK) {
        super::BYTE_ORDER_MARK.len()
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_the_values_alone() {
        let text =
            "\u{feff} { \"a\" : [1, {\"b\":2} ] ,\r\n\"\\u0062\":\"x\\\"}\" , \"c\":-1e2 }\n";
        crate::json::parse(text.as_bytes()).unwrap();
        let members = Members::at(text, 0).unwrap();
        let spans: Vec<_> =
            members.0.iter().map(|one| (one.name.as_ref(), &text[one.value.clone()])).collect();
        assert_eq!(spans, [("a", "[1, {\"b\":2} ]"), ("b", "\"x\\\"}\""), ("c", "-1e2")]);
        let list = members.get("a").unwrap();
        let elements = elements_at(text, list.start).unwrap();
        let elements: Vec<_> = elements.into_iter().map(|span| &text[span]).collect();
        assert_eq!(elements, ["1", "{\"b\":2}"]);
        assert!(members.get("d").is_none());
        for (empty, other) in [("{}", "[]"), ("{ }", "[ ]"), ("[1]", "{\"a\":1}"), ("1", "null")] {
            assert!(Members::at(empty, 0).unwrap().0.is_empty());
            assert!(elements_at(other, 0).unwrap().is_empty());
        }
    }
}
