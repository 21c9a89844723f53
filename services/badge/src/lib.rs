//! Any badge form to one digest, strictly: issuer, service and any third party, each alone, get
//! the same 32 bytes for the same badge. No I/O, and nothing named in a badge is ever fetched.
//!
//! Rule `jcs-sha256-v1`: SHA-256 over the JCS form (RFC 8785) of the credential without its
//! top-level `proof`; the document hash of the W3C cryptosuite `eddsa-jcs-2022`.
//!
//! A form is told from the bytes alone ([`classify`]). [`open()`] unwraps it: a PNG's or SVG's
//! badge text, then a JWS' payload. [`read()`] recognises the standard of the object that is left,
//! and hashes it. Every step is bounded and total: any bytes end in a badge or in a [`Refusal`]
//! with a stable code and a place.
#![warn(missing_docs)]

mod advice;
mod claims;
mod credential;
mod declared;
mod embed;
mod fields;
mod form;
mod issuers;
mod jws;
mod open;
mod place;
mod png;
mod read;
mod recipient;
mod refusal;
mod standard;
mod svg;
mod warning;

pub mod issuer_match;
pub mod json;

pub use declared::DeclaredHash;
pub use embed::{EmbedError, ExtractError, embed, extract};
pub use form::{BadgeForm, Form, Image, classify};
pub use issuer_match::{IssuerMatch, issuer_match};
pub use jws::Jws;
pub use open::{Opened, open};
pub use place::{Layer, Place};
pub use png::{MAX_IMAGE_BYTES, PNG_KEYWORDS};
pub use read::{Badge, read, read_json_value_digest};
pub use recipient::{RecipientMatch, recipient_match};
pub use refusal::{Code, Refusal};
pub use standard::Standard;
pub use svg::SVG_ELEMENTS;
pub use warning::Warning;
