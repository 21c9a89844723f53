//! The badge in a baked PNG: the text of one iTXt chunk.
//!
//! The crate `png` walks the chunks: it checks lengths, order and every CRC, and skips image data
//! without inflating it. It also skips text chunks and colour profiles here, for it would copy the
//! first, drop malformed ones silently, and inflate the second; the text is taken from the input
//! instead, between the offsets at which the crate saw a chunk begin and end. What it still copies
//! is small or, as Exif data, copied once.

use png::chunk::{self, ChunkType};
use png::{DecodeOptions, Decoded, StreamingDecoder};

use crate::{Code, Refusal};

/// Longest PNG or SVG file in bytes.
pub const MAX_IMAGE_BYTES: usize = 5 << 20;

/// Keywords under which badges are baked: Open Badges 1 and 2, Open Badges 3, CLR 2.
pub const PNG_KEYWORDS: [&str; 3] = ["openbadges", "openbadgecredential", "clrcredential"];

/// Bytes before the first chunk.
const SIGNATURE: usize = 8;
/// Length (4 bytes) and type (4 bytes) before a chunk's data.
const HEAD: usize = 8;
const CRC: usize = 4;

/// The text of the one badge chunk.
///
/// What follows the end chunk is ignored, as every reader of PNG does.
///
/// # Errors
/// `too_large`, `bad_png`, `bad_crc`, `no_badge`, `several_badges`, `compressed_badge`,
/// `legacy_url_only`, `text_chunk`; the place is a byte offset.
pub(crate) fn badge_text(bytes: &[u8]) -> Result<&[u8], Refusal> {
    if bytes.len() > MAX_IMAGE_BYTES {
        let why = "a PNG has at most 5 MiB";
        return Err(Refusal::at_byte(Code::TooLarge, MAX_IMAGE_BYTES, why));
    }
    let (mut first, mut second) = (None, None);
    walk(bytes, |chunk| {
        if first.is_none() {
            first = Some(chunk);
        } else if second.is_none() {
            second = Some(chunk);
        }
    })?;
    if let Some(second) = second {
        let why = "more than one chunk holds a badge";
        return Err(Refusal::at_byte(Code::SeveralBadges, second.at, why));
    }
    first
        .ok_or_else(|| Refusal::at_byte(Code::NoBadge, 0, "no chunk of this PNG holds a badge"))?
        .text()
}

/// A text chunk with the keyword of a badge.
#[derive(Clone, Copy)]
struct BadgeChunk<'a> {
    /// Offset of the chunk in the file.
    at: usize,
    kind: ChunkType,
    /// What follows the keyword, its zero byte included; empty when that is missing.
    rest: &'a [u8],
}

impl<'a> BadgeChunk<'a> {
    fn new(at: usize, kind: ChunkType, data: &'a [u8]) -> Option<Self> {
        if ![chunk::tEXt, chunk::zTXt, chunk::iTXt].contains(&kind) {
            return None;
        }
        let end = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
        let (keyword, rest) = data.split_at(end);
        PNG_KEYWORDS.iter().any(|known| known.as_bytes() == keyword).then_some(Self {
            at,
            kind,
            rest,
        })
    }

    fn refuse<T>(self, code: Code, why: &'static str) -> Result<T, Refusal> {
        Err(Refusal::at_byte(code, self.at, why))
    }

    fn text(self) -> Result<&'a [u8], Refusal> {
        match (self.kind, self.rest) {
            (chunk::zTXt, _) | (chunk::iTXt, [0, 1, ..]) => {
                self.refuse(Code::CompressedBadge, "the badge is compressed; nothing is inflated")
            }
            (chunk::tEXt, [0, text @ ..]) if is_url(text) => {
                self.refuse(Code::LegacyUrlOnly, "only the badge's URL is here; nothing is fetched")
            }
            (chunk::tEXt, [0, ..]) => {
                self.refuse(Code::TextChunk, "a badge is baked into iTXt; tEXt is not UTF-8")
            }
            // the compression method is ignored where nothing is compressed (PNG section 11.3.3.4)
            (chunk::iTXt, [0, 0, _, tags @ ..]) => {
                let mut parts = tags.splitn(3, |byte| *byte == 0);
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(_language), Some(_keyword), Some(text)) => Ok(text),
                    _ => self.refuse(Code::BadPng, "the iTXt chunk ends before its text"),
                }
            }
            _ => self.refuse(Code::BadPng, "the text chunk is malformed"),
        }
    }
}

/// One URL and nothing else.
pub(crate) fn is_url(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let has_scheme = ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    });
    has_scheme && !text.iter().any(u8::is_ascii_whitespace)
}

/// Shows every badge chunk to `see`, in the file's order.
fn walk<'a>(bytes: &'a [u8], mut see: impl FnMut(BadgeChunk<'a>)) -> Result<(), Refusal> {
    let mut decoder = decoder(false);
    // of the chunk that is being read: its offset and its data's length
    let (mut at, mut length) = (SIGNATURE, 0);
    let mut read = 0;
    loop {
        let (consumed, event) = match decoder.update(&bytes[read..], None) {
            Ok(progress) => progress,
            Err(_) if is_crc_alone(bytes, at, length) => {
                let why = "the chunk's checksum is wrong";
                return Err(Refusal::at_byte(Code::BadCrc, at, why));
            }
            Err(_) => {
                let why = "a chunk of this PNG is malformed or out of order";
                return Err(Refusal::at_byte(Code::BadPng, at, why));
            }
        };
        read += consumed;
        match event {
            Decoded::ChunkBegin(data, _) => {
                length = usize::try_from(data).unwrap_or(usize::MAX);
                at = read - HEAD;
            }
            Decoded::SkippedAncillaryChunk(kind) => {
                // the crate has read the checksum behind the data, so both are in the input
                let data = &bytes[at + HEAD..read - CRC];
                if let Some(chunk) = BadgeChunk::new(at, kind, data) {
                    see(chunk);
                }
                (at, length) = (read, 0);
            }
            Decoded::ChunkComplete(chunk::IEND) => return Ok(()),
            Decoded::ChunkComplete(_) | Decoded::BadAncillaryChunk(_) => (at, length) = (read, 0),
            Decoded::Nothing if read == bytes.len() => {
                return Err(Refusal::at_byte(Code::BadPng, read, "the file ends within a chunk"));
            }
            _ => {}
        }
    }
}

fn decoder(ignore_crc: bool) -> StreamingDecoder {
    let mut options = DecodeOptions::default();
    options.set_ignore_crc(ignore_crc);
    options.set_skip_ancillary_crc_failures(false);
    options.set_ignore_text_chunk(true);
    // an ICC profile would be inflated
    options.set_ignore_iccp_chunk(true);
    StreamingDecoder::new_with_options(options)
}

/// Whether the chunk at `at` is read well once checksums are ignored: the crate does not say why
/// it refused.
fn is_crc_alone(bytes: &[u8], at: usize, length: usize) -> bool {
    let Some(end) = at.checked_add(HEAD + CRC).and_then(|head| head.checked_add(length)) else {
        return false;
    };
    let Some(mut rest) = bytes.get(..end) else { return false };
    let mut decoder = decoder(true);
    while !rest.is_empty() {
        match decoder.update(rest, None) {
            Ok((0, Decoded::Nothing)) | Err(_) => return false,
            Ok((consumed, _)) => rest = &rest[consumed..],
        }
    }
    true
}
