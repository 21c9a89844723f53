//! Trees by tiles equal trees by definition.

use proof::{
    Hash, InclusionError, MAX_PATH_LEN, MAX_TREE_SIZE, TILE_WIDTH, Tile, TileBuilder, TileError,
    TileHasher, TileId, inclusion_root, path_from_tiles, path_len, path_of_leaves, root_of_leaves,
    tile_width, tiles_for_path, tiles_of_leaves, verify_inclusion,
};
use proptest::prelude::*;

use crate::reference;

fn whole_tree_root(leaves: &[Hash]) -> Hash {
    let leaves: Vec<[u8; 32]> = leaves.iter().map(|leaf| leaf.0).collect();
    Hash(rs_merkle::MerkleTree::<TileHasher>::from_leaves(&leaves).root().unwrap())
}

/// Root, tiles and the paths of some leaves of one tree.
fn check_tree(leaves: &[Hash], indices: impl Iterator<Item = usize>) {
    let size = leaves.len() as u64;
    let built = tiles_of_leaves(leaves).unwrap();
    assert_eq!((built.root, built.size), (reference::root(leaves), size));
    for tile in &built.tiles {
        assert_eq!(Some(tile.hashes.len()), tile_width(tile.id, size), "{:?} of {size}", tile.id);
    }
    let bottom: Vec<Hash> = built
        .tiles
        .iter()
        .filter(|tile| tile.id.level == 0)
        .flat_map(|tile| tile.hashes.iter().copied())
        .collect();
    assert_eq!(bottom, leaves);
    for index in indices {
        let found = path_from_tiles(index as u64, size, |id| built.tile(id).cloned()).unwrap();
        assert_eq!(found, reference::path(index, leaves), "leaf {index} of {size}");
        assert_eq!(verify_inclusion(leaves[index], index as u64, size, &found, built.root), Ok(()));
    }
}

#[test]
fn every_size_up_to_1100_has_the_defined_root_and_edge_path() {
    let leaves = reference::numbered_leaves(1100);
    for size in 1..=1100 {
        check_tree(&leaves[..size], std::iter::once(size - 1));
    }
}

#[test]
fn every_leaf_of_small_trees_has_the_defined_path() {
    let leaves = reference::numbered_leaves(40);
    for size in 1..=40 {
        check_tree(&leaves[..size], 0..size);
    }
    let leaves = reference::numbered_leaves(515);
    for size in [255, 256, 257, 511, 512, 513, 515] {
        check_tree(&leaves[..size], (0..size).step_by(7));
    }
}

#[test]
fn trees_around_a_full_second_level_have_the_defined_root() {
    let square = TILE_WIDTH * TILE_WIDTH;
    let leaves = reference::numbered_leaves(square + 257);
    for size in [square - 256, square - 255, square, square + 1, square + 257] {
        check_tree(&leaves[..size], [256, size - 1].into_iter());
        assert_eq!(whole_tree_root(&leaves[..size]), root_of_leaves(&leaves[..size]).unwrap());
    }
}

#[test]
fn the_builder_gives_each_tile_once_and_holds_little() {
    let leaves = reference::numbered_leaves(256 * 3 + 5);
    let mut builder = TileBuilder::new();
    let mut given = Vec::new();
    for (at, leaf) in leaves.iter().enumerate() {
        let full = builder.push(*leaf);
        assert_eq!(full.len(), usize::from((at + 1) % 256 == 0), "leaf {at}");
        given.extend(full.into_iter().map(|tile| tile.id));
    }
    assert_eq!(builder.size(), 773);
    let built = builder.finish().unwrap();
    given.extend(built.tiles.iter().map(|tile| tile.id));
    let id = |level, index| TileId { level, index };
    assert_eq!(given, [id(0, 0), id(0, 1), id(0, 2), id(0, 3), id(1, 0)]);
    assert_eq!(built.tile(id(1, 0)).unwrap().hashes.len(), 4);
    assert_eq!(built.root, whole_tree_root(&leaves));
}

#[test]
fn no_tree_is_empty_or_too_large() {
    assert_eq!(TileBuilder::new().finish(), Err(InclusionError::TreeSize(0)));
    assert_eq!(root_of_leaves(&[]), None);
    for size in [0, MAX_TREE_SIZE + 1, u64::MAX] {
        assert_eq!(tiles_for_path(0, size), Err(InclusionError::TreeSize(size)));
        assert_eq!(tile_width(TileId { level: 0, index: 0 }, size), None);
    }
    assert_eq!(path_len(0, MAX_TREE_SIZE), Ok(MAX_PATH_LEN));
}

#[test]
fn places_of_tiles_in_a_large_tree() {
    let id = |level, index| TileId { level, index };
    let tiles = tiles_for_path(MAX_TREE_SIZE - 1, MAX_TREE_SIZE).unwrap();
    assert_eq!(tiles, [id(0, (1 << 24) - 1), id(1, (1 << 16) - 1), id(2, 255), id(3, 0)]);
    let widths: Vec<_> = tiles.iter().map(|tile| tile_width(*tile, MAX_TREE_SIZE)).collect();
    assert_eq!(widths, [Some(255), Some(256), Some(256), Some(256)]);
    for beyond in [id(0, 1 << 24), id(1, 1 << 16), id(3, 1), id(4, 0), id(0, u64::MAX)] {
        assert_eq!(tile_width(beyond, MAX_TREE_SIZE), None, "{beyond:?}");
    }
}

#[test]
fn a_tile_reads_only_whole_hashes() {
    let id = TileId { level: 0, index: 3 };
    let tile = Tile { id, hashes: reference::numbered_leaves(256) };
    assert_eq!(Tile::from_bytes(id, &tile.to_bytes()), Ok(tile.clone()));
    let bytes = tile.to_bytes();
    for wrong in [&bytes[..0], &bytes[..31], &bytes[..33], &[&bytes[..], &[0; 32]].concat()] {
        assert_eq!(Tile::from_bytes(id, wrong), Err(TileError::Shape(id)), "{}", wrong.len());
    }
}

#[test]
fn missing_misplaced_and_altered_tiles_give_no_path() {
    let leaves = reference::numbered_leaves(600);
    let built = tiles_of_leaves(&leaves).unwrap();
    let (low, high) = (TileId { level: 0, index: 1 }, TileId { level: 1, index: 0 });
    let path_with = |change: &dyn Fn(TileId, &mut Tile) -> bool| {
        path_from_tiles(300, 600, |id| {
            let mut tile = built.tile(id)?.clone();
            change(id, &mut tile).then_some(tile)
        })
    };
    assert!(path_with(&|_, _| true).is_ok());
    assert_eq!(path_with(&|id, _| id != high), Err(TileError::Missing(high)));
    let shorter = |id: TileId, tile: &mut Tile| id != low || tile.hashes.pop().is_some();
    assert_eq!(path_with(&shorter), Err(TileError::Shape(low)));
    let misplaced = |_: TileId, tile: &mut Tile| {
        tile.id.index += 1;
        true
    };
    assert_eq!(path_with(&misplaced), Err(TileError::Shape(low)));
    for (altered, slot) in [(low, 0), (low, 44), (low, 255), (high, 1)] {
        let flip = |id: TileId, tile: &mut Tile| {
            if id == altered {
                tile.hashes[slot].0[7] ^= 1;
            }
            true
        };
        assert_eq!(path_with(&flip), Err(TileError::Altered(low)), "{altered:?} {slot}");
    }
    assert_eq!(
        path_of_leaves(&leaves, 600),
        Err(TileError::Place(InclusionError::Index { index: 600, size: 600 }))
    );
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

/// A place in a tree of any size, beyond 2^31 as often as below.
fn place() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![1..=1000_u64, (1 << 31)..=MAX_TREE_SIZE]
        .prop_flat_map(|size| (prop_oneof![0..size, (size - 1).min(1 << 31)..size], Just(size)))
}

proptest! {
    #[test]
    fn paths_lead_where_the_definition_leads(
        (index, size) in place(),
        leaf in hash(),
        siblings in prop::collection::vec(hash(), 40),
    ) {
        let length = path_len(index, size).unwrap();
        let path = &siblings[..length];
        let root = inclusion_root(leaf, index, size, path).unwrap();
        prop_assert_eq!(Some(root), reference::root_by_path(leaf, index, size, path));
        for wrong in [&siblings[..length + 1], &path[..length.saturating_sub(1)]] {
            if wrong.len() != length {
                let refused = Err(InclusionError::PathLength { expected: length, found: wrong.len() });
                prop_assert_eq!(inclusion_root(leaf, index, size, wrong), refused);
            }
        }
        let outside = Err(InclusionError::Index { index: size, size });
        prop_assert_eq!(inclusion_root(leaf, size, size, path), outside);
        let ids = tiles_for_path(index, size).unwrap();
        prop_assert!(ids.iter().all(|id| tile_width(*id, size).is_some()));
    }

    #[test]
    fn a_changed_path_leads_elsewhere(
        (index, size) in place(),
        leaf in hash(),
        siblings in prop::collection::vec(hash(), 32),
        at in any::<prop::sample::Index>(),
        bit in 0..256_usize,
    ) {
        let mut path = siblings[..path_len(index, size).unwrap()].to_vec();
        let root = inclusion_root(leaf, index, size, &path).unwrap();
        let mut other = leaf;
        other.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_inclusion(other, index, size, &path, root).is_err());
        if !path.is_empty() {
            let at = at.index(path.len());
            path[at].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify_inclusion(leaf, index, size, &path, root).is_err());
        }
    }

    #[test]
    fn random_trees_agree_with_rs_merkle_and_the_definition(
        leaves in prop::collection::vec(hash(), 1..700),
        at in any::<prop::sample::Index>(),
    ) {
        let index = at.index(leaves.len());
        prop_assert_eq!(root_of_leaves(&leaves), Some(whole_tree_root(&leaves)));
        let path = path_of_leaves(&leaves, index as u64).unwrap();
        prop_assert_eq!(path, reference::path(index, &leaves));
    }
}
