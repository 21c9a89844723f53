//! What must hold of any bytes that somebody presents. Each function is one target of `scripts/fuzz`
//! and panics where its property does not hold; the end-to-end tests replay the fixtures and past
//! findings through all of them.

mod carriers;
mod documents;
mod embedding;
mod texts;

pub use carriers::{jws, png, svg};
pub use documents::{proof_document, receipt, trust_file};
pub use embedding::embed;
pub use texts::{json, read, signature};

/// A target: panics where its property does not hold of the bytes.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 10] = [
    ("json", json),
    ("jws", jws),
    ("png", png),
    ("svg", svg),
    ("read", read),
    ("signature", signature),
    ("embed", embed),
    ("proof_document", proof_document),
    ("receipt", receipt),
    ("trust_file", trust_file),
];
