//! Any badge form to one digest, strictly: issuer, service and any third party, each alone, get
//! the same 32 bytes for the same badge. No I/O, and nothing named in a badge is ever fetched.
//!
//! Rule `jcs-sha256-v1`: SHA-256 over the JCS form (RFC 8785) of the credential without its
//! top-level `proof`; the document hash of the W3C cryptosuite `eddsa-jcs-2022`.
//!
//! This version decodes bare JSON. Other forms are recognised and refused by name; a decoder for
//! one of them ends in [`json::parse`] and the same rule.
#![warn(missing_docs)]

mod credential;
mod declared;
mod fields;
mod form;
mod issuers;
mod read;
mod refusal;
mod standard;
mod warning;

pub mod issuer_match;
pub mod json;

pub use declared::DeclaredHash;
pub use form::{Form, classify};
pub use issuer_match::{IssuerMatch, issuer_match};
pub use read::{Badge, read, read_json_value_digest};
pub use refusal::{Code, Place, Refusal};
pub use standard::Standard;
pub use warning::Warning;
