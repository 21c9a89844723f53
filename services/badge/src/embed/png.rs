//! In a PNG image: an `iTXt` chunk of its own keyword (PNG specification, third edition, section
//! 11.3.3.4), before the end chunk. No reader of badges takes that keyword for a badge.

use std::ops::Range;

use png::text_metadata::{EncodableTextChunk as _, ITXtChunk};
use proof::{EmbeddedError, PNG_KEYWORD, ProofDocument};

use super::{EmbedError, ExtractError, MAX_REPLACED};

const SIGNATURE_LEN: usize = 8;
const INTERNATIONAL_TEXT: &[u8; 4] = b"iTXt";
const END: &[u8; 4] = b"IEND";
/// After the keyword: its end, not compressed, no language, no translated keyword.
const PLAIN: &[u8] = &[0, 0, 0, 0, 0];

/// A chunk by its place in the file.
struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: Range<usize>,
}

/// The chunks up to the first that is cut off.
fn chunks(image: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = SIGNATURE_LEN;
    std::iter::from_fn(move || {
        let (length, rest) = image.get(at..)?.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (kind, rest) = rest.split_at_checked(4)?;
        let (data, rest) = rest.split_at_checked(length)?;
        rest.get(..4)?;
        let whole = at..at + 12 + length;
        at = whole.end;
        Some(Chunk { kind, data, whole })
    })
}

impl Chunk<'_> {
    /// What follows the keyword, where this is a chunk for embedded proofs.
    fn ours(&self) -> Option<&[u8]> {
        let is_text = [INTERNATIONAL_TEXT, b"tEXt", b"zTXt"].iter().any(|kind| self.kind == *kind);
        let rest = self.data.strip_prefix(PNG_KEYWORD.as_bytes())?;
        (is_text && rest.first() == Some(&0)).then_some(rest)
    }
}

/// The image with the proof in it, all else byte for byte.
pub(super) fn with_proof(image: &[u8], proof: &ProofDocument) -> Result<Vec<u8>, EmbedError> {
    let mut written = image.get(..SIGNATURE_LEN).unwrap_or_default().to_vec();
    let mut old = 0;
    for chunk in chunks(image) {
        if chunk.kind == END {
            ITXtChunk::new(PNG_KEYWORD, proof.to_ascii_json())
                .encode(&mut written)
                .map_err(|_| EmbedError::NoPlace("a chunk cannot hold the proof"))?;
            written.extend(&image[chunk.whole.start..]);
            return Ok(written);
        }
        if chunk.ours().is_none() {
            written.extend(&image[chunk.whole]);
        } else if old == MAX_REPLACED {
            return Err(EmbedError::TOO_MANY);
        } else {
            old += 1;
        }
    }
    Err(EmbedError::NoPlace("the image has no end"))
}

/// The document in the image, whose checksums are right.
pub(super) fn found(image: &[u8]) -> Result<Option<ProofDocument>, ExtractError> {
    let before_end = chunks(image).take_while(|chunk| chunk.kind != END);
    let mut ours = before_end.filter(|chunk| chunk.ours().is_some());
    let Some(chunk) = ours.next() else { return Ok(None) };
    if ours.next().is_some() {
        return Err(ExtractError::Several);
    }
    let text = chunk.ours().and_then(|rest| rest.strip_prefix(PLAIN));
    match text.filter(|_| chunk.kind == INTERNATIONAL_TEXT) {
        Some(text) => Ok(Some(ProofDocument::parse(text).map_err(EmbeddedError::from)?)),
        None => Err(ExtractError::Carrier("the chunk is no plain, uncompressed iTXt")),
    }
}
