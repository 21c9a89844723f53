//! The blocks of `FORMAT.md` on badge tokens, computed.

use proof::{TokenId, owners_hash};
use sha3::{Digest as _, Keccak256};

use crate::examples::{lines, selector};
use crate::samples;

/// Sets the code that keeps owners apart from code that runs.
const OWNERS_PREFIX: u8 = 0x00;
/// Bits of a token's id that hold the index.
const INDEX_BITS: usize = 32;

const OWNERS_HASH: &str = "ownersHash(bytes32)";
const OWNER_OF: &str = "ownerOf(uint256)";
const IS_VALID: &str = "isValid(uint256)";
const VERIFY_BADGE: &str = "verifyBadge(uint256,bytes32,uint8,bytes32,bytes32,bytes32,bytes32[])";
/// The functions of a collection that this format relies on.
pub(crate) const FUNCTIONS: [&str; 4] = [OWNERS_HASH, OWNER_OF, IS_VALID, VERIFY_BADGE];

pub(crate) fn formula() -> String {
    let kept = 256 - INDEX_BITS;
    format!(
        "id          = first {kept} bits of the commitment ‖ index (4, big-endian)\n\
         owners hash = Keccak-256({OWNERS_PREFIX:02x} ‖ commitment (32) ‖ owner (20) ‖ owner (20) ‖ …)"
    )
}

pub(crate) fn mint_batch() -> String {
    let mut rows = vec![("salt 1".to_owned(), samples::token_salt().to_string())];
    for (at, (leaf, owner)) in samples::minted().into_iter().enumerate() {
        rows.push((format!("leaf {at}"), leaf.to_string()));
        rows.push((format!("owner {at}"), owner.to_string()));
    }
    let token = samples::document().computed_token().unwrap().unwrap();
    let owners = samples::minted().map(|(_, owner)| owner);
    let hashed: Vec<u8> = [OWNERS_PREFIX]
        .into_iter()
        .chain(token.commitment.0)
        .chain(owners.iter().flat_map(|owner| owner.0))
        .collect();
    let hash = owners_hash(token.commitment, &owners);
    assert_eq!(hash.0, *Keccak256::digest(&hashed));
    rows.extend([
        ("root".to_owned(), token.root.to_string()),
        ("commitment".to_owned(), token.commitment.to_string()),
        ("hashed".to_owned(), hex::encode(hashed)),
        ("owners hash".to_owned(), hash.to_string()),
    ]);
    for index in 0..3 {
        let id = TokenId::of(token.commitment, index);
        rows.push((format!("id {index}, bytes"), hex::encode(id.0)));
        rows.push((format!("id {index}"), id.to_string()));
    }
    lines(rows)
}

pub(crate) fn functions() -> String {
    FUNCTIONS.map(|function| format!("{}  {function}", selector(function))).join("\n")
}

pub(crate) fn calls() -> String {
    let token = samples::token();
    let computed = samples::document().computed_token().unwrap().unwrap();
    let id = hex::encode(token.id.0);
    let word = |value: usize| format!("{value:064x}");
    let owners = samples::minted().map(|(_, owner)| owner);
    let owner = hex::encode(owners[1].0);
    let badge = samples::badge();
    let path: String = token.inclusion.path.iter().map(ToString::to_string).collect();
    // the path is the one argument of unknown length: its word says where it begins
    let badge_call = [
        selector(VERIFY_BADGE),
        id.clone(),
        computed.root.to_string(),
        word(badge.rule.code().into()),
        badge.issuer.hash().to_string(),
        badge.digest.to_string(),
        token.salt.to_string(),
        word(7 * 32),
        word(token.inclusion.path.len()),
        path,
    ];
    lines([
        ("ownersHash, data", format!("0x{}{}", selector(OWNERS_HASH), computed.commitment)),
        ("ownersHash, answer", owners_hash(computed.commitment, &owners).to_string()),
        ("not minted, answer", format!("0x{}", word(0))),
        ("isValid, data", format!("0x{}{id}", selector(IS_VALID))),
        ("valid, answer", format!("0x{}", word(1))),
        ("not valid, answer", format!("0x{}", word(0))),
        ("ownerOf, data", format!("0x{}{id}", selector(OWNER_OF))),
        ("ownerOf, answer", format!("0x{owner:0>64}")),
        ("verifyBadge, data", format!("0x{}", badge_call.concat())),
        ("verifyBadge, answer", format!("0x{}", word(1))),
    ])
}
