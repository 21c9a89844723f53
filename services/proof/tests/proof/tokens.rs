//! The token of a proof document: it is the badge's by its place in the mint batch, or not at all.

use proof::{
    Hash, Inclusion, InclusionError, ProofDocument, TokenError, TokenId, commitment, owners_hash,
    root_of_leaves, verify_inclusion,
};

use crate::documents::{Malformed, refusal};
use crate::samples;

#[test]
fn a_token_is_tied_to_its_badge() {
    let document = samples::document();
    let computed = document.computed_token().unwrap().unwrap();
    let root = root_of_leaves(&samples::minted_leaves()).unwrap();
    assert_eq!((computed.leaf, computed.root), (samples::token_leaf(), root));
    // so that the one can be revoked without the other
    assert_ne!(computed.leaf, document.leaf());
    assert_eq!(computed.commitment, commitment(3, root, Hash::ZERO));
    assert_eq!(document.token.unwrap().id, TokenId::of(computed.commitment, 1));
    assert_eq!(samples::pending().computed_token(), None);
    // the batch that anchored the badge is another one
    assert_ne!(computed.commitment, samples::document().computed().unwrap().commitment);
}

#[test]
fn a_token_needs_no_anchored_batch() {
    let document = ProofDocument { token: Some(samples::token()), ..samples::pending() };
    assert!(document.computed_token().unwrap().is_ok());
}

#[test]
fn another_badges_token_is_refused() {
    let with = |change: &dyn Fn(&mut ProofDocument)| {
        let mut document = samples::document();
        change(&mut document);
        document.computed_token().unwrap().map(|computed| computed.commitment)
    };
    let token = |change: fn(&mut proof::TokenRef)| {
        with(&move |document| change(document.token.as_mut().unwrap()))
    };
    let stated = samples::token().id;
    let neighbour = TokenId::of(samples::mint_commitment(), 2);
    let own = Err(TokenError::Id { stated: neighbour, computed: stated });
    assert_eq!(with(&move |document| document.token.as_mut().unwrap().id = neighbour), own);
    // another salt, another sibling, another place: the path leads elsewhere
    for elsewhere in [
        with(&|document| document.badge.digest.0[0] ^= 1),
        token(|token| token.salt.0[0] ^= 1),
        token(|token| token.inclusion.path[0].0[0] ^= 1),
        token(|token| token.inclusion.index = 0),
    ] {
        let Err(TokenError::Id { stated: id, computed }) = elsewhere else {
            panic!("{elsewhere:?}");
        };
        assert_eq!(id, stated);
        assert_ne!(computed, stated);
    }
    let of = |error: InclusionError| Err(TokenError::Inclusion(error));
    assert_eq!(
        token(|token| token.inclusion.index = 3),
        of(InclusionError::Index { index: 3, size: 3 })
    );
    assert_eq!(
        token(|token| token.inclusion.path.clear()),
        of(InclusionError::PathLength { expected: 2, found: 0 })
    );
    assert_eq!(
        token(|token| token.inclusion.tree_size = 1 << 32),
        of(InclusionError::TreeSize(1 << 32))
    );
}

/// The place in the anchored batch is no place in a mint batch, even with the badge's own salt.
#[test]
fn the_anchored_batch_makes_another_token() {
    let document = samples::document();
    let Inclusion { index, tree_size, path, .. } = document.inclusion.clone().unwrap();
    let leaf = document.leaf();
    let root = document.computed().unwrap().root;
    assert_eq!(verify_inclusion(leaf, index, tree_size, &path, root), Ok(()));
    let mut token = samples::token();
    token.inclusion = proof::TokenInclusion { index, tree_size, path };
    token.salt = document.badge.salt;
    assert!(matches!(token.computed(document.entry()), Err(TokenError::Id { .. })));
}

#[test]
fn owners_are_bound_in_their_order() {
    let mut owners = samples::minted().map(|(_, owner)| owner);
    let hash = owners_hash(samples::mint_commitment(), &owners);
    owners.swap(0, 1);
    assert_ne!(owners_hash(samples::mint_commitment(), &owners), hash);
}

/// What is refused before anything is computed.
pub(crate) fn malformed() -> Vec<Malformed> {
    let good = samples::document().to_json();
    let token = samples::token();
    let id = format!("\"id\":\"{}\"", token.id);
    let owner = format!("\"{}\"", samples::address(0x33));
    let contract = format!("\"contract\":\"{}\"", token.contract);
    let size = "\"treeSize\":3";
    let salt = format!("\"salt\":\"{}\"", token.salt);
    let sibling = format!("\"{}\"", token.inclusion.path[1]);
    let many_hashes = vec![sibling.clone(); 33].join(",");
    // 2^256
    let above = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    [
        ("\"token\":{", "\"token\":null,\"t\":{", "/token", "null"),
        (&contract, &contract.replace("0x22", "0x2G"), "/token/contract", "0x and 40"),
        (&contract, "\"contract\":null", "/token/contract", "null"),
        (&id, &format!("\"id\":\"0{}\"", token.id), "/token/id", "decimal"),
        (&id, &format!("\"id\":\"{above}\""), "/token/id", "2^256"),
        (&id, "\"id\":7", "/token/id", "string"),
        (&id, "\"i\":7", "/token", "missing field `id`"),
        (&salt, "\"s\":7", "/token", "missing field `salt`"),
        (&salt, &salt.to_uppercase().replace("SALT", "salt"), "/token/salt", "lower-case"),
        (&owner, &owner.replace("33\"", "3A\""), "/token/owner", "lower case"),
        (&owner, "null", "/token/owner", "null"),
        (size, "\"treeSize\":-3", "/token/inclusion/treeSize", "-3"),
        (size, "\"treeSize\":3,\"root\":1", "/token/inclusion/root", "unknown field"),
        (
            size,
            &format!("{size},\"blockcertsRoot\":{sibling}"),
            "/token/inclusion/blockcertsRoot",
            "unknown field",
        ),
        (size, &format!("{size},{size}"), "/token/inclusion/treeSize", "duplicate"),
        (&sibling, &many_hashes, "/token/inclusion/path", "at most 32"),
    ]
    .map(|(from, to, place, why)| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        (changed, place, why)
    })
    .to_vec()
}

#[test]
fn refusals_name_the_place() {
    for (text, place, why) in malformed() {
        let (pointer, reason) = refusal(&text);
        assert!(pointer.starts_with(place), "{pointer}: {reason}: {text}");
        assert!(reason.contains(why), "{pointer}: {reason}: {text}");
    }
}
