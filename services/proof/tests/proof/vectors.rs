//! Published vectors: the inclusion probes and RFC 6962 roots of transparency-dev/merkle, copied
//! with source and licence to `tests/vectors/merkle`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proof::{Hash, InclusionError, path_len, path_of_leaves, root_of_leaves, verify_inclusion};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/merkle")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    TreeSize,
    Index,
    PathLength,
    /// Leaf or root is not 32 bytes long.
    NoHash,
    Root,
}

/// What is right or wrong with each probe, read off the probes by hand.
const EXPECTED: [(Verdict, &str); 6] = [
    (Verdict::Good, "0_happy-path 1_happy-path 3_happy-path single-entry_matching-root-and-leaf"),
    (
        Verdict::TreeSize,
        "0_treeSize-div-@2 additional_0_empty-root-and-random-leaf additional_0_random-leaf \
         additional_2_empty-root additional_2_random-leaf",
    ),
    (
        Verdict::Index,
        "0_leafIdx-XOR-@2 0_leafIdx-plus-@1 0_leafIdx-sub-@1 1_leafIdx-sub-@1 3_leafIdx-plus-@1 \
         3_treeSize-div-@2 additional_3_empty-root",
    ),
    (
        Verdict::PathLength,
        "0_preceding-garbage 0_preceding-root 0_trailing-garbage 0_trailing-root \
         0_treeSize-mul-@2 1_inserted-component 1_preceding-garbage 1_preceding-root \
         1_removed-component 1_trailing-garbage 1_trailing-root 1_treeSize-div-@2 \
         1_treeSize-mul-@2 3_leafIdx-XOR-@2 3_leafIdx-sub-@1 3_preceding-garbage \
         3_preceding-root 3_removed-component 3_trailing-garbage 3_trailing-root \
         3_treeSize-mul-@2",
    ),
    (
        Verdict::NoHash,
        "0_wrong-leaf 1_wrong-leaf 3_wrong-leaf additional_1_random-leaf \
         single-entry_empty-leaf single-entry_empty-root-and-leaf single-entry_empty-root",
    ),
    (
        Verdict::Root,
        "0_empty-root 0_random-root 1_empty-root 1_leafIdx-XOR-@2 1_leafIdx-plus-@1 \
         1_modified-proof[0]-bit-@3 1_modified-proof[1]-bit-@3 1_modified-proof[2]-bit-@3 \
         1_random-root 3_empty-root 3_modified-proof[0]-bit-@3 3_random-root \
         additional_1_empty-root-and-random-leaf",
    ),
];

fn judge(probe: &serde_json::Value) -> Verdict {
    let bytes = |value: &serde_json::Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
    let index = probe["leafIdx"].as_u64().unwrap();
    let size = probe["treeSize"].as_u64().unwrap();
    let path: Vec<Vec<u8>> =
        probe["proof"].as_array().map(|path| path.iter().map(bytes).collect()).unwrap_or_default();
    // sizes first: they are refused before anything is read as a hash
    match path_len(index, size) {
        Err(InclusionError::TreeSize(_)) => return Verdict::TreeSize,
        Err(InclusionError::Index { .. }) => return Verdict::Index,
        Ok(length) if length != path.len() => {
            let zeros = vec![Hash::ZERO; path.len()];
            let refused = verify_inclusion(Hash::ZERO, index, size, &zeros, Hash::ZERO);
            assert!(matches!(refused, Err(InclusionError::PathLength { .. })), "{refused:?}");
            return Verdict::PathLength;
        }
        other => assert!(other.is_ok(), "{other:?}"),
    }
    let leaf = Hash::from_slice(&bytes(&probe["leafHash"]));
    let root = Hash::from_slice(&bytes(&probe["root"]));
    let path: Option<Vec<Hash>> = path.iter().map(|hash| Hash::from_slice(hash)).collect();
    let (Some(leaf), Some(root), Some(path)) = (leaf, root, path) else { return Verdict::NoHash };
    match verify_inclusion(leaf, index, size, &path, root) {
        Ok(()) => Verdict::Good,
        Err(InclusionError::Root { .. }) => Verdict::Root,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn each_inclusion_probe_has_its_verdict() {
    let mut expected = BTreeMap::new();
    for (verdict, names) in EXPECTED {
        for name in names.split_whitespace() {
            assert!(expected.insert(format!("inclusion_{name}.json"), verdict).is_none(), "{name}");
        }
    }
    let mut seen = 0;
    for file in std::fs::read_dir(directory()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if !name.starts_with("inclusion_") {
            continue;
        }
        let text = std::fs::read(directory().join(&name)).unwrap();
        let probe: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let verdict = judge(&probe);
        assert_eq!(Some(&verdict), expected.get(&name), "{name}");
        assert_eq!(probe["wantErr"], serde_json::Value::Bool(verdict != Verdict::Good), "{name}");
        seen += 1;
    }
    assert_eq!((seen, expected.len()), (57, 57));
}

#[test]
fn trees_have_the_roots_of_rfc_6962() {
    let text = std::fs::read(directory().join("rfc6962-roots-8-leaves.json")).unwrap();
    let tree: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let leaves: Vec<Hash> = tree["leafInputsHex"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| Hash::of(&[&[0], &hex::decode(input.as_str().unwrap()).unwrap()]))
        .collect();
    let roots = tree["rootsBySize1to8"].as_array().unwrap();
    assert_eq!((leaves.len(), roots.len()), (8, 8));
    for (size, root) in (1..).zip(roots) {
        let leaves = &leaves[..size];
        let root: Hash = root.as_str().unwrap().parse().unwrap();
        assert_eq!(root_of_leaves(leaves), Some(root));
        for (index, leaf) in (0..).zip(leaves) {
            let path = path_of_leaves(leaves, index).unwrap();
            assert_eq!(verify_inclusion(*leaf, index, size as u64, &path, root), Ok(()));
        }
    }
}
