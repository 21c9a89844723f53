//! Recursive descent over the grammar of RFC 8259.

use std::ops::Range;

use super::spans::Member;
use super::{MAX_DEPTH, Value, number, string};
use crate::{Code, Refusal};

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    /// Starts at `at`, a character boundary of `text`.
    pub(super) const fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// One value, and white space around it, to the end of the text.
    pub(super) fn document(mut self) -> Result<Value<'a>, Refusal> {
        let value = self.value(0)?;
        self.skip_white_space();
        if self.at < self.text.len() {
            Err(self.syntax("more text after the value"))
        } else {
            Ok(value)
        }
    }

    /// The members of the object that comes next, each with the bytes of its value.
    pub(super) fn member_spans(mut self) -> Result<Vec<Member<'a>>, Refusal> {
        let mut spans = Vec::new();
        if !self.next_is(b'{') {
            return Ok(spans);
        }
        self.skip_white_space();
        while self.peek() == Some(b'"') {
            let (name, after) = string::read(self.text, self.at)?;
            self.at = after;
            if !self.next_is(b':') {
                return Err(self.syntax("expected :"));
            }
            spans.push(Member { name, value: self.span()? });
            if !self.next_is(b',') {
                break;
            }
            self.skip_white_space();
        }
        Ok(spans)
    }

    /// The elements of the array that comes next.
    pub(super) fn element_spans(mut self) -> Result<Vec<Range<usize>>, Refusal> {
        let mut spans = Vec::new();
        if !self.next_is(b'[') || self.next_is(b']') {
            return Ok(spans);
        }
        loop {
            spans.push(self.span()?);
            if !self.next_is(b',') {
                return Ok(spans);
            }
        }
    }

    /// The bytes of one value.
    fn span(&mut self) -> Result<Range<usize>, Refusal> {
        self.skip_white_space();
        let start = self.at;
        self.value(1)?;
        Ok(start..self.at)
    }

    fn syntax(&self, detail: &'static str) -> Refusal {
        Refusal::at_byte(Code::Syntax, self.at, detail)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips white space, then `byte` if it is next.
    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_white_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// `depth` is the number of arrays and objects around the value.
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        self.skip_white_space();
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => {
                let why = "at most 64 arrays and objects inside each other";
                Err(Refusal::at_byte(Code::TooDeep, self.at, why))
            }
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => {
                let (string, after) = string::read(self.text, self.at)?;
                self.at = after;
                Ok(Value::String(string))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.syntax("expected a value")),
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Refusal> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.syntax("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        self.at += 1;
        let mut elements = Vec::new();
        if self.next_is(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth)?);
            if self.next_is(b',') {
                continue;
            }
            if self.next_is(b']') {
                elements.shrink_to_fit();
                return Ok(Value::Array(elements));
            }
            return Err(self.syntax("expected , or ]"));
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        self.at += 1;
        // each name with the offset at which it stands
        let mut members = Vec::new();
        if self.next_is(b'}') {
            return Ok(Value::Object(Vec::new()));
        }
        loop {
            self.skip_white_space();
            let name_at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.syntax("expected a member's name in double quotes"));
            }
            let (name, after) = string::read(self.text, name_at)?;
            self.at = after;
            if !self.next_is(b':') {
                return Err(self.syntax("expected :"));
            }
            members.push((name, name_at, self.value(depth)?));
            if self.next_is(b',') {
                continue;
            }
            if self.next_is(b'}') {
                break;
            }
            return Err(self.syntax("expected , or }"));
        }
        // stable: of two equal names the later one stays second and is reported
        members.sort_by(|one, other| one.0.cmp(&other.0));
        if let Some(pair) = members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let why = "the object has a member of this name already";
            return Err(Refusal::at_byte(Code::DuplicateKey, pair[1].1, why));
        }
        Ok(Value::Object(members.into_iter().map(|(name, _, value)| (name, value)).collect()))
    }

    fn number(&mut self) -> Result<Value<'a>, Refusal> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let number = number::read(&self.text[start..self.at])
            .map_err(|(code, detail)| Refusal::at_byte(code, start, detail))?;
        Ok(Value::Number(number))
    }

    /// One or more digits.
    fn digits(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax("expected a digit")) } else { Ok(()) }
    }
}
