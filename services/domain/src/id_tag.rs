//! What is kept of a badge's own id.

use std::fmt;

/// 16 bytes of a keyed hash of the `id` that stands in a badge. They tell, for who has the key and
/// an id, whether a badge with this id is stored; the id itself cannot be had from them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdTag(pub [u8; 16]);

impl fmt::Debug for IdTag {
    /// Not its value, which is derived from a badge's content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdTag(…)")
    }
}
