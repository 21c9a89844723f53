//! What outsiders audit: leaves, trees, tiles, inclusion, receipts, proof documents and trust
//! files. The formats are specified in `FORMAT.md` beside this crate's manifest.
//!
//! No I/O, no clock, no randomness: every function is a pure function of its arguments.
#![warn(missing_docs)]

mod address;
mod anchor_hint;
mod audit_head;
mod audit_proof;
mod audit_row;
mod breach;
mod commitment;
mod document;
mod embedded;
mod entry;
mod evm_hash;
mod frontier;
mod hash;
mod held_tree;
mod inclusion;
mod issuer;
mod key;
mod promise;
mod receipt;
mod receipt_key;
mod rule;
mod spelling;
mod strict_json;
mod text_form;
mod tile_builder;
mod tiles;
mod time;
mod token;
mod token_ref;
mod tree;
mod trust;
mod trust_entry;

pub use address::{Address, AddressError};
pub use anchor_hint::AnchorHint;
pub use audit_head::{AUDIT_ISSUER, AuditHead, audit_issuer};
pub use audit_proof::{AuditProof, AuditProofError};
pub use audit_row::AuditRow;
pub use breach::{
    BREACH_CONTEXT, Breach, BreachError, BreachProof, BreachStatement, MAX_BREACH_BYTES,
    verify_breach,
};
pub use commitment::commitment;
pub use document::{
    BadgeRef, ComputeError, Computed, Inclusion, MAX_ANCHORS, MAX_PROOF_BYTES, ProofDocument,
    ReceiptMismatch,
};
pub use embedded::{
    CRYPTOSUITE, DataIntegrityProof, EmbeddedError, JWS_HEADER, NotEmbeddable, PNG_KEYWORD,
    SVG_NAMESPACE,
};
pub use entry::{ENTRY_LEN, ENTRY_VERSION, Entry, vacated_leaf};
pub use evm_hash::{EvmHash, EvmHashError};
pub use frontier::{Frontier, path_ranges};
pub use hash::{Hash, HexError};
pub use inclusion::{InclusionError, inclusion_root, path_len, verify_inclusion};
pub use issuer::{IssuerIdentifier, IssuerIdentifierError, MAX_IDENTIFIER_LEN};
pub use key::{KeyTextError, PublicKey, Signature};
pub use promise::{Promise, PromiseError};
pub use receipt::{
    MAX_RECEIPT_BYTES, RECEIPT_CONTEXT, Receipt, ReceiptError, ReceiptProof, signed_text,
    verify_receipt,
};
pub use receipt_key::{ChunkError, ReceiptKey, SignedChunk};
pub use rule::{Rule, UnknownRule};
pub use spelling::MAX_SAFE_INTEGER;
pub use strict_json::DocumentError;
pub use tile_builder::{Built, TileBuilder, path_of_leaves, root_of_leaves, tiles_of_leaves};
pub use tiles::{
    MAX_TILE_LEVELS, TILE_WIDTH, Tile, TileError, TileId, path_from_tiles, tile_width,
    tiles_for_path, top_level,
};
pub use time::{Timestamp, TimestampError};
pub use token::{OwnerError, TokenId, TokenIdError, checksummed, owners_hash, read_owner};
pub use token_ref::{TokenError, TokenInclusion, TokenRef};
pub use tree::{MAX_PATH_LEN, MAX_TREE_SIZE, TileHasher, node_hash};
pub use trust::{MAX_TRUST_BYTES, TrustFile};
pub use trust_entry::{
    AnchorDistrust, Control, DistrustedOperator, IssuerEntry, MAX_TOKEN_CONTRACTS, ReceiptKeyEntry,
    RegistryEntry,
};
