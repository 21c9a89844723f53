//! A JSON-LD document to its canonical N-Quads, or a reason why they would not say what the
//! document says.
//!
//! A signature over N-Quads covers only what the contexts give a meaning to: JSON-LD silently
//! drops other members, so that anybody could add some without breaking the signature. Here every
//! word must be defined, contexts come from [`crate::contexts`] alone, and only the few keywords
//! that badges need are known; then nothing is dropped but `null` and empty arrays.

use std::borrow::Cow;
use std::collections::BTreeSet;

use badge::json::Value;
use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};
use oxrdf::{GraphName, NamedNode, NamedNodeRef, NamedOrBlankNode, Quad};

use crate::canonical::{self, Blanks, Statement, Term};
use crate::data_integrity::with_context;
use crate::{Code, contexts};

/// Most objects in a badge with its proofs. Each costs a third of a millisecond, since types have
/// contexts of their own; so does each type beyond its first, and each value of a word with a
/// context of its own, which all count like objects. A record of 100 badges with alignments and
/// results has about 1,300.
const MAX_OBJECTS: usize = 2_000;
/// Most names of contexts in a badge, over all its objects and proofs. Each costs two milliseconds.
/// A badge has three or four, and each proof as many again.
const MAX_CONTEXTS: usize = 128;

/// Where words without a definition and relative identifiers end up, to be found there. No badge
/// has identifiers that begin so, or it is refused as if they were relative.
const UNDEFINED: &str = "ingam-undefined:///";
/// The base URL of every built-in context. One for all: the library takes two definitions of one
/// term for different when their contexts' URLs differ, and none of ours is relative.
const CONTEXT_BASE: &str = "ingam-context:///";

/// The canonical form (RDFC-1.0 with SHA-256) of a JSON-LD document.
#[derive(Debug, Clone)]
pub(crate) struct Canonical {
    /// With language tags in lower case, as npm `jsonld` and Python's `pyld` write them.
    pub(crate) text: String,
    /// With language tags as in the document, where that is not the same: JSON-LD 1.1 leaves it to
    /// the implementation, and those that sign differ.
    pub(crate) as_written: Option<String>,
}

fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn n_quads(quads: &[Quad], tag: fn(&str) -> String, steps: &mut usize) -> Result<String, Code> {
    let mut blanks = Blanks::default();
    let statements: BTreeSet<Statement> =
        quads.iter().map(|quad| statement(quad, &mut blanks, tag)).collect::<Result<_, _>>()?;
    canonical::n_quads(&statements, blanks.len(), steps).ok_or(Code::TooComplex)
}

/// The document's statements, and those of its words that no context defines. The library names
/// blank nodes at random; they get numbers in their order, so that nothing depends on it.
fn quads(document: &Value<'_>) -> Result<Vec<Quad>, Code> {
    let mut contexts = vec![undefined_words()];
    if let Some(own) = document.get("@context") {
        contexts.extend(own.as_set().iter().cloned());
    }
    let document = with_context(document, Value::Array(contexts));
    let text = document.to_jcs().map_err(|_| Code::TooComplex)?;
    // lenient only keeps what is no IRI or no language, for `statement` to refuse instead of the
    // library dropping it
    JsonLdParser::new()
        .lenient()
        .with_base_iri(UNDEFINED)
        .expect("the base is an absolute IRI")
        .for_slice(&text)
        .with_load_document_callback(|url, _| {
            let document = contexts::find(url).ok_or("a context that is not built in")?;
            Ok(JsonLdRemoteDocument {
                document: keep_undefined_words(document).into_bytes(),
                document_url: CONTEXT_BASE.to_owned(),
            })
        })
        .map(|quad| quad.map_err(|_| Code::UnsupportedJsonLd))
        .collect()
}

/// A context in which every word that no other context defines has a meaning: "undefined".
fn undefined_words() -> Value<'static> {
    Value::Object(vec![(Cow::Borrowed("@vocab"), Value::String(Cow::Borrowed(UNDEFINED)))])
}

/// The same after a context that clears all others.
fn keep_undefined_words(context: &str) -> String {
    let cleared = format!(r#""@context": [null, {{"@vocab": "{UNDEFINED}"}}]"#);
    context.replace(r#""@context": null"#, &cleared)
}

/// What all that is canonicalised of one badge has in common: what was counted while looking for
/// what it must not have, and the steps that are left.
pub(crate) struct Limits {
    objects: usize,
    contexts: usize,
    steps: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { objects: 0, contexts: 0, steps: canonical::BUDGET }
    }
}

impl Limits {
    /// Canonicalises a document.
    ///
    /// # Errors
    /// `unknown_context`, `inline_context`, `undefined_term`, `unsupported_json_ld`, `too_complex`.
    pub(crate) fn canonical(&mut self, document: &Value<'_>) -> Result<Canonical, Code> {
        self.check(document)?;
        let quads = quads(document)?;
        let is_changed = |quad: &Quad| match &quad.object {
            oxrdf::Term::Literal(literal) => literal.language().is_some_and(has_capitals),
            _ => false,
        };
        let text = n_quads(&quads, str::to_ascii_lowercase, &mut self.steps)?;
        let as_written = if quads.iter().any(is_changed) {
            Some(n_quads(&quads, str::to_owned, &mut self.steps)?)
        } else {
            None
        };
        Ok(Canonical { text, as_written })
    }

    fn count(&mut self, objects: usize) -> Result<(), Code> {
        self.objects += objects;
        if self.objects > MAX_OBJECTS { Err(Code::TooComplex) } else { Ok(()) }
    }

    /// Recursion is bounded by the depth of strict JSON.
    fn check(&mut self, value: &Value<'_>) -> Result<(), Code> {
        match value {
            Value::Object(members) => {
                let (mut types, mut others) = (0, 0);
                for (name, value) in members {
                    let of = if is_type(name) { &mut types } else { &mut others };
                    *of += contexts_made_for(name, value);
                }
                self.count(others + types.max(1))?;
                members.iter().try_for_each(|(name, value)| match name.as_ref() {
                    "@context" => self.check_context(value),
                    "@id" | "@type" | "@value" | "@language" => self.check(value),
                    // others drop what they mark (`@index`), or are for graphs, lists and the like
                    name if name.starts_with('@') => Err(Code::UnsupportedJsonLd),
                    _ => self.check(value),
                })
            }
            Value::Array(elements) => elements.iter().try_for_each(|value| self.check(value)),
            // reserved for keywords of the future, hence dropped where an identifier is expected
            Value::String(text) if is_keyword_like(text) => Err(Code::UnsupportedJsonLd),
            Value::Number(number) if is_written_variously(*number) => Err(Code::UnsupportedJsonLd),
            _ => Ok(()),
        }
    }

    fn check_context(&mut self, context: &Value<'_>) -> Result<(), Code> {
        for one in context.as_set() {
            self.contexts += 1;
            if self.contexts > MAX_CONTEXTS {
                return Err(Code::TooComplex);
            }
            let url = one.as_str().ok_or(Code::InlineContext)?;
            contexts::find(url).ok_or(Code::UnknownContext)?;
        }
        Ok(())
    }
}

/// `type` is the one alias of `@type` in the built-in contexts.
fn is_type(name: &str) -> bool {
    ["@type", "type"].contains(&name)
}

/// How many contexts the library makes for a member: one for each type, and one for each value of
/// a word that has a context of its own, repeated or not.
fn contexts_made_for(name: &str, value: &Value<'_>) -> usize {
    fn values(value: &Value<'_>) -> usize {
        match value {
            Value::Array(elements) => elements.iter().map(values).sum(),
            _ => 1,
        }
    }
    if is_type(name) || contexts::is_scoped(name) { values(value) } else { 0 }
}

/// Fractions that JSON-LD rounds, being of 17 digits, or that npm `jsonld` takes for zero.
fn is_written_variously(number: f64) -> bool {
    let digits = format!("{number:e}");
    let digits = digits.split('e').next().unwrap_or_default();
    number.fract() != 0.0
        && (number.abs() < 1e-6 || digits.bytes().filter(u8::is_ascii_digit).count() > 16)
}

/// The form `"@"1*ALPHA` of JSON-LD 1.1.
fn is_keyword_like(text: &str) -> bool {
    text.strip_prefix('@')
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn statement(quad: &Quad, blanks: &mut Blanks, tag: fn(&str) -> String) -> Result<Statement, Code> {
    let subject = match &quad.subject {
        NamedOrBlankNode::NamedNode(node) => iri(node.as_ref())?,
        NamedOrBlankNode::BlankNode(node) => blanks.term(node.as_str()),
    };
    let object = match &quad.object {
        oxrdf::Term::NamedNode(node) => iri(node.as_ref())?,
        oxrdf::Term::BlankNode(node) => blanks.term(node.as_str()),
        oxrdf::Term::Literal(literal) => {
            iri(literal.datatype())?;
            let tag = literal.language().map(tag);
            if tag.as_deref().is_some_and(|tag| !is_language_tag(tag)) {
                return Err(Code::UnsupportedJsonLd);
            }
            let datatype = literal.datatype();
            Term::Known(canonical::literal(literal.value(), tag.as_deref(), datatype))
        }
    };
    let graph = match &quad.graph_name {
        GraphName::DefaultGraph => None,
        GraphName::NamedNode(node) => Some(iri(node.as_ref())?),
        GraphName::BlankNode(node) => Some(blanks.term(node.as_str())),
    };
    let Term::Known(predicate) = iri(quad.predicate.as_ref())? else {
        return Err(Code::UnsupportedJsonLd);
    };
    Ok(Statement { subject, predicate, object, graph })
}

/// An absolute IRI that is well-formed, else it could break out of its angle brackets.
fn iri(node: NamedNodeRef<'_>) -> Result<Term, Code> {
    if node.as_str().starts_with(UNDEFINED) {
        return Err(Code::UndefinedTerm);
    }
    NamedNode::new(node.as_str()).map_err(|_| Code::UnsupportedJsonLd)?;
    Ok(Term::Known(format!("<{}>", node.as_str())))
}

/// The shape of a BCP 47 tag, as N-Quads has it.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let is_part =
        |part: &str, of: fn(&u8) -> bool| !part.is_empty() && part.bytes().all(|b| of(&b));
    parts.next().is_some_and(|part| is_part(part, u8::is_ascii_alphabetic))
        && parts.all(|part| is_part(part, u8::is_ascii_alphanumeric))
}
