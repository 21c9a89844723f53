//! Where in a badge something is, through all that may be wrapped around it.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// Bytes before it, counted from the start of the input or of the layer that is named around
    /// it (a byte-order mark included).
    Byte(usize),
    /// RFC 6901; the empty pointer is the whole document.
    Pointer(String),
    /// A place in what a layer carries, not in the bytes around it.
    Inside(Layer, Box<Self>),
}

/// What a credential may be wrapped in. Offsets inside a layer count its decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// The text of a PNG's iTXt chunk.
    PngText,
    /// The text inside an SVG's badge element, after XML unescaping.
    SvgBody,
    /// The attribute `verify` of an SVG's badge element, after XML unescaping.
    SvgVerify,
    /// A JWS' protected header, decoded.
    JwsHeader,
    /// A JWS' payload, decoded.
    JwsPayload,
}

impl Layer {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PngText => "PNG text",
            Self::SvgBody => "SVG body",
            Self::SvgVerify => "SVG verify attribute",
            Self::JwsHeader => "JWS header",
            Self::JwsPayload => "JWS payload",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Place {
    pub(crate) fn pointer(text: &str) -> Self {
        Self::Pointer(text.to_owned())
    }

    /// This place, seen from around `layer`.
    #[must_use]
    pub(crate) fn within(self, layer: Layer) -> Self {
        Self::Inside(layer, Box::new(self))
    }

    /// This place, when what it counts from is the member `pointer` of an object.
    #[must_use]
    pub(crate) fn under(self, pointer: &str) -> Self {
        match self {
            Self::Pointer(inner) => Self::Pointer(format!("{pointer}{inner}")),
            other => other,
        }
    }
}

impl fmt::Display for Place {
    /// Such as `byte 12 of the JWS payload of the PNG text`, or `/badge`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Pointer(pointer) if pointer.is_empty() => f.write_str("the top"),
            Self::Pointer(pointer) => f.write_str(pointer),
            Self::Inside(layer, inner) => write!(f, "{inner} of the {layer}"),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_told_from_the_inside() {
        let deep = Place::Byte(12).within(Layer::JwsPayload).within(Layer::PngText);
        assert_eq!(deep.to_string(), "byte 12 of the JWS payload of the PNG text");
        let top = Place::pointer("").within(Layer::SvgBody);
        assert_eq!(top.to_string(), "the top of the SVG body");
        assert_eq!(Place::pointer("/a").under("/vc"), Place::pointer("/vc/a"));
    }
}
