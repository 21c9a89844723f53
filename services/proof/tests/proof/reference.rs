//! RFC 9162 section 2.1 written down as it defines things: recursively, from the top. The crate
//! goes bottom-up and by tiles, so that the two share nothing but SHA-256.

use proof::Hash;

pub(crate) fn node(left: Hash, right: Hash) -> Hash {
    Hash::of(&[&[1], &left.0, &right.0])
}

/// The largest power of two smaller than `n` ≥ 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// MTH of hashed leaves (section 2.1.1).
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    if let [leaf] = leaves {
        return *leaf;
    }
    let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
    node(root(left), root(right))
}

/// PATH(m, D_n) (section 2.1.3.1).
pub(crate) fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len() as u64) as usize;
    let (left, right) = leaves.split_at(k);
    let (mut below, sibling) =
        if m < k { (path(m, left), root(right)) } else { (path(m - k, right), root(left)) };
    below.push(sibling);
    below
}

/// The root to which a path leads, by the same recursion; `None` when the path's length does not
/// fit.
pub(crate) fn root_by_path(leaf: Hash, m: u64, n: u64, path: &[Hash]) -> Option<Hash> {
    if n == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (top, rest) = path.split_last()?;
    let k = split(n);
    if m < k {
        Some(node(root_by_path(leaf, m, k, rest)?, *top))
    } else {
        Some(node(*top, root_by_path(leaf, m - k, n - k, rest)?))
    }
}

/// Distinct leaves without meaning: `SHA-256(0x00 ‖ i)`, `i` as 8 bytes, big-endian.
pub(crate) fn numbered_leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(|i| Hash::of(&[&[0], &i.to_be_bytes()])).collect()
}
