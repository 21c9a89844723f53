//! The fenced blocks of `FORMAT.md`, computed. A block's name is the second word after its fence.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use proof::{
    AnchorHint, CRYPTOSUITE, Entry, Hash, IssuerIdentifier, JWS_HEADER, PNG_KEYWORD, Promise,
    ProofDocument, RECEIPT_CONTEXT, Rule, SVG_NAMESPACE, TileId, commitment, node_hash,
    path_from_tiles, path_of_leaves, root_of_leaves, signed_text, tile_width, tiles_for_path,
    tiles_of_leaves, vacated_leaf,
};
use serde::Serialize;
use sha3::{Digest as _, Keccak256};

use crate::{audit_examples, breaches, reference, samples, token_examples};

/// Prefixes of hashed texts: of leaves, nodes and commitments; then the entry's version.
const PREFIXES: (u8, u8, u8, u8) = (0x00, 0x01, 0x02, 0x01);

/// Every block by name, in the order of `FORMAT.md`.
pub(crate) fn blocks() -> Vec<(&'static str, String)> {
    vec![
        ("rules", rules()),
        ("identifiers", identifiers()),
        ("entry-formula", entry_formula()),
        ("entry", entry()),
        ("vacated", vacated()),
        ("tree-formula", tree_formula()),
        ("tree", tree()),
        ("paths", paths()),
        ("commitment-formula", commitment_formula()),
        ("commitment", commitments()),
        ("tile-places", tile_places()),
        ("tiles", tiles()),
        ("promise", pretty(&samples::promise())),
        ("promise-jcs", String::from_utf8(samples::promise().to_jcs()).unwrap()),
        ("receipt-formula", receipt_formula()),
        ("receipt-signing", receipt_signing()),
        ("receipt", pretty(&samples::receipt())),
        ("receipt-chunk", receipt_chunk()),
        ("proof", pretty(&samples::document())),
        ("proof-computed", proof_computed()),
        ("proof-pending", pretty(&samples::pending())),
        ("trust", pretty(&samples::trust())),
        ("trust-digest", format!("digest = {}", samples::trust().digest())),
        ("functions", functions()),
        ("calls", calls()),
        ("token-formula", token_examples::formula()),
        ("mint-batch", token_examples::mint_batch()),
        ("token-functions", token_examples::functions()),
        ("token-calls", token_examples::calls()),
        ("embedded-places", embedded_places()),
        ("embedded-entry", pretty(&embedded().to_data_integrity_proof().unwrap())),
        ("embedded-text", embedded().to_ascii_json()),
        ("audit-row", pretty(&audit_examples::rows()[1])),
        ("audit-head", pretty(&audit_examples::head())),
        ("audit-formula", audit_examples::formula()),
        ("audit-row-jcs", audit_examples::row_jcs()),
        ("audit-computed", audit_examples::computed()),
        ("audit-proof", pretty(&audit_examples::document())),
        ("breach-formula", breaches::formula()),
        ("breach", pretty(&breaches::breach())),
        ("breach-signing", breaches::signing()),
    ]
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// `name = value` lines with the names in one column.
pub(crate) fn lines<N: AsRef<str>, V: std::fmt::Display>(
    rows: impl IntoIterator<Item = (N, V)>,
) -> String {
    let rows: Vec<_> = rows.into_iter().collect();
    let width = rows.iter().map(|(name, _)| name.as_ref().chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in rows {
        writeln!(text, "{:width$} = {value}", name.as_ref()).unwrap();
    }
    text.truncate(text.trim_end().len());
    text
}

fn identifiers() -> String {
    let names = [samples::ISSUER, "https://a.example:8443/issuers/7", "did:web:hanbit.ac.kr"];
    lines(names.map(|name| {
        let identifier: IssuerIdentifier = name.parse().unwrap();
        (format!("SHA-256(\"{name}\")"), identifier.hash())
    }))
}

fn rules() -> String {
    let rows: Vec<_> =
        Rule::ALL.iter().map(|rule| format!("{:02x}  {rule}", rule.code())).collect();
    rows.join("\n")
}

fn entry_formula() -> String {
    let (leaf, _, _, version) = PREFIXES;
    format!(
        "entry = {version:02x} ‖ rule (1) ‖ issuer (32) ‖ digest (32) ‖ salt (32)\n\
         leaf  = SHA-256({leaf:02x} ‖ entry)"
    )
}

fn entry() -> String {
    let Entry { rule, issuer, digest, salt } = samples::badge().entry();
    let entry = samples::badge().entry();
    lines([
        ("badge", samples::BADGE.to_owned()),
        ("rule", format!("{:02x}", rule.code())),
        ("issuer", issuer.to_string()),
        ("digest", digest.to_string()),
        ("salt", salt.to_string()),
        ("entry", hex::encode(entry.to_bytes())),
        ("leaf", entry.leaf().to_string()),
    ])
}

fn vacated() -> String {
    let (leaf, ..) = PREFIXES;
    let position = samples::FIRST_POSITION + 2;
    lines([
        ("formula", format!("SHA-256({leaf:02x} ‖ 97 zero bytes ‖ position (8, big-endian))")),
        ("position", hex::encode(position.to_be_bytes())),
        ("leaf", vacated_leaf(position).to_string()),
    ])
}

fn tree_formula() -> String {
    let (_, node, ..) = PREFIXES;
    format!("node = SHA-256({node:02x} ‖ left (32) ‖ right (32))")
}

fn tree() -> String {
    let leaves = samples::leaves();
    let (a, b) = (node_hash(&leaves[0], &leaves[1]), node_hash(&leaves[2], &leaves[3]));
    let c = node_hash(&a, &b);
    let root = node_hash(&c, &leaves[4]);
    assert_eq!(Some(root), root_of_leaves(&leaves));
    let mut rows: Vec<(String, Hash)> =
        leaves.iter().enumerate().map(|(at, leaf)| (format!("leaf {at}"), *leaf)).collect();
    rows.extend([
        ("a = node(leaf 0, leaf 1)".to_owned(), a),
        ("b = node(leaf 2, leaf 3)".to_owned(), b),
        ("c = node(a, b)".to_owned(), c),
        ("root = node(c, leaf 4)".to_owned(), root),
    ]);
    lines(rows)
}

fn paths() -> String {
    let leaves = samples::leaves();
    let mut text = Vec::new();
    for index in [samples::INDEX, 4] {
        text.push(format!("index {index}, size 5:"));
        let path = path_of_leaves(&leaves, index).unwrap();
        text.extend(path.iter().map(|hash| format!("  {hash}")));
    }
    text.join("\n")
}

fn commitment_formula() -> String {
    let (_, _, commitment, _) = PREFIXES;
    format!(
        "commitment = SHA-256({commitment:02x} ‖ treeSize (8, big-endian) ‖ root (32) ‖ blockcertsRoot (32))"
    )
}

fn commitments() -> String {
    let root = root_of_leaves(&samples::leaves()).unwrap();
    let second = Hash::of(&[b"a Blockcerts tree"]);
    let hashed = |second: Hash| {
        let (_, _, prefix, _) = PREFIXES;
        let size = 5_u64.to_be_bytes();
        hex::encode([&[prefix][..], &size, &root.0, &second.0].concat())
    };
    let plain = [
        ("treeSize", hex::encode(5_u64.to_be_bytes())),
        ("root", root.to_string()),
        ("hashed", hashed(Hash::ZERO)),
        ("commitment", commitment(5, root, Hash::ZERO).to_string()),
    ];
    let with_second = [
        ("blockcertsRoot", second.to_string()),
        ("hashed", hashed(second)),
        ("commitment", commitment(5, root, second).to_string()),
    ];
    format!("{}\n\nwith a Blockcerts tree:\n{}", lines(plain), lines(with_second))
}

fn tile_places() -> String {
    let mut text = Vec::new();
    for (index, size) in [(299, 300), (70_000, 100_000), (4_294_967_293, 4_294_967_294)] {
        text.push(format!("index {index}, size {size}:"));
        for id in tiles_for_path(index, size).unwrap() {
            let width = tile_width(id, size).unwrap();
            text.push(format!("  level {} tile {}: {width} hashes", id.level, id.index));
        }
    }
    text.join("\n")
}

fn tiles() -> String {
    let leaves = reference::numbered_leaves(300);
    let built = tiles_of_leaves(&leaves).unwrap();
    let tile = |level, index| built.tile(TileId { level, index }).unwrap();
    let path = path_from_tiles(299, 300, |id| built.tile(id).cloned()).unwrap();
    let root_of = |index| tile(0, index).root().unwrap().to_string();
    let mut text = lines([
        ("leaf 0", leaves[0].to_string()),
        ("leaf 299", leaves[299].to_string()),
        ("root of tile 0/0", root_of(0)),
        ("root of tile 0/1", root_of(1)),
        ("tile 1/0", hex::encode(tile(1, 0).to_bytes())),
        ("root", built.root.to_string()),
    ]);
    text.push_str("\npath of leaf 299:");
    for hash in path {
        write!(text, "\n  {hash}").unwrap();
    }
    text
}

fn receipt_formula() -> String {
    let (leaf, ..) = PREFIXES;
    let context = String::from_utf8(RECEIPT_CONTEXT.to_vec()).unwrap().escape_default().to_string();
    format!(
        "receipt leaf = SHA-256({leaf:02x} ‖ JCS(promise))\n\
         signed text  = \"{context}\" ‖ size (8, big-endian) ‖ root (32)"
    )
}

fn receipt_signing() -> String {
    let leaf = samples::promise().receipt_leaf();
    let receipt = samples::receipt();
    lines([
        ("secret key", hex::encode(samples::SEED)),
        ("public key", samples::key().public().to_string()),
        ("keyId", receipt.proof.key_id.to_string()),
        ("receipt leaf", leaf.to_string()),
        ("signed text", hex::encode(signed_text(1, leaf))),
        ("signature", receipt.proof.signature.to_string()),
    ])
}

fn receipt_chunk() -> String {
    let leaves: Vec<Hash> = ["a", "b", "c"]
        .map(|name| Promise { external_id: Some(name.to_owned()), ..samples::promise() })
        .iter()
        .map(Promise::receipt_leaf)
        .collect();
    let chunk = samples::key().sign_chunk(&leaves).unwrap();
    let mut rows: Vec<(String, String)> = leaves
        .iter()
        .enumerate()
        .map(|(at, leaf)| (format!("receipt leaf {at}"), leaf.to_string()))
        .collect();
    rows.extend([
        ("root".to_owned(), chunk.root.to_string()),
        ("signed text".to_owned(), hex::encode(signed_text(chunk.size, chunk.root))),
        ("signature".to_owned(), chunk.signature.to_string()),
    ]);
    lines(rows)
}

fn proof_computed() -> String {
    let computed = samples::document().computed().unwrap();
    let token = samples::document().computed_token().unwrap().unwrap();
    lines([
        ("leaf", computed.leaf),
        ("root", computed.root),
        ("commitment", computed.commitment),
        ("token's root", token.root),
        ("token's commitment", token.commitment),
    ])
}

const ANCHORED: &str = "anchored(bytes32)";
const REVOKED: &str = "revoked(bytes32,uint64)";
const VERIFY_ENTRY: &str =
    "verifyEntry(bytes32,uint64,bytes32,bytes32,uint8,bytes32,bytes32,bytes32,uint64,bytes32[])";
/// The functions of the registry that this format relies on.
pub(crate) const FUNCTIONS: [&str; 3] = [ANCHORED, REVOKED, VERIFY_ENTRY];

pub(crate) fn selector(function: &str) -> String {
    hex::encode(&Keccak256::digest(function)[..4])
}

fn functions() -> String {
    FUNCTIONS.map(|function| format!("{}  {function}", selector(function))).join("\n")
}

fn calls() -> String {
    let commitment = samples::document().computed().unwrap().commitment;
    let word = |value: u64| format!("{value:064x}");
    let seconds = samples::time("2026-03-01T10:00:12.000Z").millis() / 1000;
    let operator = hex::encode(samples::address(0x55).0);
    let rows = [
        ("anchored, data", format!("0x{}{commitment}", selector(ANCHORED))),
        ("operator", format!("0x{operator}")),
        ("timestamp", format!("{seconds} (2026-03-01T10:00:12Z)")),
        ("blockNumber", "120".to_owned()),
        (
            "anchored, answer",
            format!("0x{operator:0>64}{}{}", word(seconds.unsigned_abs()), word(120)),
        ),
        ("not anchored, answer", format!("0x{}", word(0).repeat(3))),
        ("revoked, data", format!("0x{}{commitment}{}", selector(REVOKED), word(samples::INDEX))),
        ("revoked, answer", format!("0x{}", word(1))),
        ("not revoked, answer", format!("0x{}", word(0))),
    ];
    lines(rows)
}

/// The document without what is long and optional.
fn embedded() -> ProofDocument {
    let document = samples::document();
    let anchors = document.anchors.iter().map(|one| AnchorHint::new(one.chain_id, one.registry));
    ProofDocument { anchors: anchors.collect(), receipt: None, token: None, ..document }
}

fn embedded_places() -> String {
    let whole = samples::document().to_ascii_json();
    let escaped = whole.split("\"externalId\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let value = embedded().to_proof_value();
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(embedded().to_ascii_json());
    let first = value.strip_suffix(&encoded).unwrap();
    lines([
        ("cryptosuite", CRYPTOSUITE.to_owned()),
        ("JWS parameter", JWS_HEADER.to_owned()),
        ("PNG keyword", PNG_KEYWORD.to_owned()),
        ("PNG chunk data", format!("\"{PNG_KEYWORD}\" ‖ 0000000000 ‖ embedded text")),
        ("SVG namespace", SVG_NAMESPACE.to_owned()),
        (
            "SVG element",
            format!(
                "<metadata xmlns=\"http://www.w3.org/2000/svg\"><proof \
                 xmlns=\"{SVG_NAMESPACE}\">embedded text</proof></metadata>"
            ),
        ),
        ("proofValue", format!("\"{first}\" ‖ base64url(embedded text)")),
        ("an escape", escaped.unwrap().to_owned()),
    ])
}
