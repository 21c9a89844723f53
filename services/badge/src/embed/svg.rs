//! In an SVG image: an element `proof` of its own namespace, in a `metadata` of its own at the end
//! of the image. No reader of badges takes that namespace for a badge.

use std::ops::Range;

use proof::{EmbeddedError, ProofDocument, SVG_NAMESPACE};
use roxmltree::{Document, Node};

use super::{EmbedError, ExtractError, MAX_REPLACED, edited};

const SVG: &str = "http://www.w3.org/2000/svg";

/// The image with the proof in it, all else byte for byte.
pub(super) fn with_proof(
    text: &str,
    image: &Document<'_>,
    proof: &ProofDocument,
) -> Result<String, EmbedError> {
    let element = format!(
        "<metadata xmlns=\"{SVG}\"><proof xmlns=\"{SVG_NAMESPACE}\">{}</proof></metadata>",
        proof.to_ascii_json()
    );
    let root = image.root_element().range();
    // an image that holds a badge has an end tag, and nothing in that looks like another one
    let end_tag = text[root.clone()].rfind("</");
    let end_tag = end_tag.ok_or(EmbedError::NoPlace("the image has no end tag"))?;
    let place = root.start + end_tag;
    let old = replaced(image)?;
    if old.last().is_some_and(|last| last.end > place) {
        return Err(EmbedError::NoPlace("the root element is itself a proof, or what holds one"));
    }
    let removals = old.into_iter().map(|range| (range, ""));
    Ok(edited(text, removals.chain([(place..place, &*element)])))
}

fn ours<'d>(image: &'d Document<'_>) -> impl Iterator<Item = Node<'d, 'd>> {
    image.descendants().filter(|node| node.has_tag_name((SVG_NAMESPACE, "proof")))
}

/// What goes when a new proof comes, in the order of the text: elements of ours, with the
/// `metadata` around them where it holds nothing else.
fn replaced(image: &Document<'_>) -> Result<Vec<Range<usize>>, EmbedError> {
    if ours(image).nth(MAX_REPLACED).is_some() {
        return Err(EmbedError::TOO_MANY);
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    // a parent that stays, with its many children, is judged for the first of ours alone
    let mut stays = None;
    for node in ours(image) {
        if ranges.last().is_some_and(|last| node.range().start < last.end) {
            continue;
        }
        let parent = node.parent().filter(|parent| stays != Some(parent.id()));
        let around = parent.filter(|parent| {
            parent.has_tag_name((SVG, "metadata")) && parent.children().all(is_ours_or_blank)
        });
        if around.is_none() {
            stays = node.parent().map(|parent| parent.id());
        }
        ranges.push(around.unwrap_or(node).range());
    }
    Ok(ranges)
}

fn is_ours_or_blank(node: Node<'_, '_>) -> bool {
    node.has_tag_name((SVG_NAMESPACE, "proof"))
        || node.is_text() && node.text().is_some_and(|text| text.trim().is_empty())
}

/// The document in the image.
pub(super) fn found(image: &Document<'_>) -> Result<Option<ProofDocument>, ExtractError> {
    let mut elements = ours(image);
    let Some(element) = elements.next() else { return Ok(None) };
    if elements.next().is_some() {
        return Err(ExtractError::Several);
    }
    if !element.children().all(|child| child.is_text()) {
        return Err(ExtractError::Carrier("the element proof holds more than text"));
    }
    let text: String = element.children().filter_map(|child| child.text()).collect();
    Ok(Some(ProofDocument::parse(text.as_bytes()).map_err(EmbeddedError::from)?))
}
