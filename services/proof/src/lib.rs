//! What outsiders audit: leaves, trees, tiles, inclusion, receipts, proof documents and trust
//! files. The formats are specified in `FORMAT.md` beside this crate's manifest.
//!
//! No I/O, no clock, no randomness: every function is a pure function of its arguments.
#![warn(missing_docs)]

mod address;
mod entry;
mod hash;
mod issuer;
mod rule;
mod time;

pub use address::{Address, AddressError};
pub use entry::{ENTRY_LEN, ENTRY_VERSION, Entry, vacated_leaf};
pub use hash::{Hash, HexError};
pub use issuer::{IssuerIdentifier, IssuerIdentifierError, MAX_IDENTIFIER_LEN};
pub use rule::{Rule, UnknownRule};
pub use time::{Timestamp, TimestampError};
