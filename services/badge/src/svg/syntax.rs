//! XML by the crate `roxmltree`, after bounds that it has no option for: it reserves memory by the
//! number of `<` and `=`, compares each attribute of a tag with those before it, and copies the
//! namespaces in scope for each tag that declares one.

use roxmltree::{Document, Error, ParsingOptions, TextPos};

use crate::{Code, Refusal};

/// Most `<` in an SVG: tags (opening and closing), comments, CDATA sections, instructions.
const MAX_TAGS: usize = 1 << 16;
/// Most nodes: text between two tags is one too.
const MAX_NODES: u32 = 1 << 17;
/// Most `=` in an SVG, in text too.
const MAX_EQUAL_SIGNS: usize = 1 << 17;
/// Most attributes of one tag, namespace declarations included.
const MAX_ATTRIBUTES: usize = 256;
/// Most namespace declarations in an SVG.
const MAX_NAMESPACES: usize = 512;
/// Longest namespace name, in bytes: two attributes of one tag are compared by it.
const MAX_NAMESPACE_NAME: usize = 1 << 10;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// # Errors
/// `xml_syntax`, `xml_dtd`, `xml_entity`, `xml_encoding`, `xml_too_complex`.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Refusal> {
    check_bounds(text)?;
    check_declaration(text)?;
    let options = ParsingOptions {
        allow_dtd: has_harmless_doctype(text)?,
        nodes_limit: MAX_NODES,
        entity_resolver: None,
    };
    Document::parse_with_options(text, options).map_err(|error| refusal(text, &error))
}

fn check_bounds(text: &str) -> Result<(), Refusal> {
    let refuse = |at, why| Err(Refusal::at_byte(Code::XmlTooComplex, at, why));
    if let Some((at, _)) = text.match_indices('<').nth(MAX_TAGS) {
        return refuse(at, "an SVG has at most 65,536 tags");
    }
    if let Some((at, _)) = text.match_indices('=').nth(MAX_EQUAL_SIGNS) {
        return refuse(at, "an SVG has at most 131,072 equal signs");
    }
    if let Some((at, _)) = text.match_indices("xmlns").nth(MAX_NAMESPACES) {
        return refuse(at, "an SVG has at most 512 namespace declarations");
    }
    for (at, _) in text.match_indices("xmlns") {
        if namespace_name(&text[at..]).is_some_and(|name| name.len() > MAX_NAMESPACE_NAME) {
            return refuse(at, "a namespace name has at most 1,024 bytes");
        }
    }
    // a `<` cannot stand inside a tag, so each starts anew and none is missed
    for (at, _) in text.match_indices('<') {
        let tag = &text.as_bytes()[at + 1..];
        // comments, CDATA sections and instructions have no attributes, but any text
        if !tag.starts_with(b"!") && !tag.starts_with(b"?") && attributes(tag) > MAX_ATTRIBUTES {
            return refuse(at, "a tag has at most 256 attributes");
        }
    }
    Ok(())
}

/// The value of a namespace declaration, from its `xmlns` on.
fn namespace_name(declaration: &str) -> Option<&str> {
    let (_, value) = declaration.split_once('=')?;
    let value = value.trim_ascii_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// Equal signs outside of quotes, up to the end of a tag.
fn attributes(tag: &[u8]) -> usize {
    let mut quote = None;
    let mut count = 0;
    for byte in tag {
        match (quote, byte) {
            (_, b'<') | (None, b'>') => break,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'=') => count += 1,
            _ => {}
        }
    }
    count
}

/// Another reader would follow the XML declaration and find other text in the same bytes: XML 1.1
/// has more line ends, and another encoding other characters.
fn check_declaration(text: &str) -> Result<(), Refusal> {
    let start = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let after_name = start.strip_prefix("<?xml").filter(|rest| !rest.starts_with(['-', ':']));
    let Some(declaration) = after_name.and_then(|rest| rest.split("?>").next()) else {
        return Ok(());
    };
    let refuse = |code, value: &str, why| {
        Err(Refusal::at_byte(code, value.as_ptr().addr() - text.as_ptr().addr(), why))
    };
    if let Some(version) = declared(declaration, "version").filter(|version| *version != "1.0") {
        return refuse(Code::XmlSyntax, version, "only XML 1.0 is read");
    }
    let Some(encoding) = declared(declaration, "encoding") else { return Ok(()) };
    let is_ascii_in = |name: &str| encoding.eq_ignore_ascii_case(name) && text.is_ascii();
    if encoding.eq_ignore_ascii_case("utf-8")
        || ["us-ascii", "iso-8859-1"].iter().any(|name| is_ascii_in(name))
    {
        return Ok(());
    }
    refuse(Code::XmlEncoding, encoding, "the text declares another encoding than UTF-8")
}

/// The value of `name` in an XML declaration. What is malformed there is left to the parser.
fn declared<'t>(declaration: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = declaration.split_once(name)?;
    let value = after.trim_ascii_start().strip_prefix('=')?.trim_ascii_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// Whether there is a document type declaration that declares nothing itself. Drawing programs
/// write one that names the DTD of SVG 1.1; that DTD is never fetched, and readers that do not
/// validate ignore it.
fn has_harmless_doctype(text: &str) -> Result<bool, Refusal> {
    let Some(start) = doctype(text) else { return Ok(false) };
    let mut quote = None;
    for (offset, byte) in text.bytes().enumerate().skip(start) {
        match (quote, byte) {
            (None, b'>') => return Ok(true),
            (None, b'[') => {
                let why = "the SVG has declarations of its own (DTD), which may rewrite its text";
                return Err(Refusal::at_byte(Code::XmlDtd, offset, why));
            }
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    Ok(true)
}

/// Where the document type declaration starts, which only comments and instructions precede.
fn doctype(text: &str) -> Option<usize> {
    let mut rest = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    loop {
        rest = rest.trim_ascii_start();
        rest = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->")?.1
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            instruction.split_once("?>")?.1
        } else {
            let found = rest.starts_with("<!DOCTYPE");
            return found.then(|| rest.as_ptr().addr() - text.as_ptr().addr());
        };
    }
}

fn refusal(text: &str, error: &Error) -> Refusal {
    let (code, detail) = match error {
        Error::DtdDetected => (Code::XmlDtd, "the document type declaration is out of place"),
        Error::UnknownEntityReference(..) | Error::EntityReferenceLoop(_) => {
            (Code::XmlEntity, "an entity other than the five of XML is used")
        }
        Error::MalformedEntityReference(_) => (Code::XmlEntity, "an entity reference is malformed"),
        Error::NodesLimitReached
        | Error::AttributesLimitReached
        | Error::NamespacesLimitReached => {
            (Code::XmlTooComplex, "the SVG has too many tags, attributes or namespaces")
        }
        _ => (Code::XmlSyntax, "the SVG is not well-formed XML"),
    };
    let at = match error {
        // these have no position
        Error::NoRootNode | Error::UnclosedRootNode | Error::UnexpectedEndOfStream => text.len(),
        error => offset(text, error.pos()),
    };
    Refusal::at_byte(code, at, detail)
}

/// From a line and a column (characters), both from 1.
fn offset(text: &str, position: TextPos) -> usize {
    let line = position.row.saturating_sub(1) as usize;
    let column = position.col.saturating_sub(1) as usize;
    let start = match line.checked_sub(1) {
        None => 0,
        Some(before) => text.match_indices('\n').nth(before).map_or(text.len(), |(at, _)| at + 1),
    };
    text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
}
