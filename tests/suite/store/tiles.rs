//! Tiles: kept once, read by place.

use std::sync::Arc;

use domain::BatchId;
use proof::{Hash, Tile, TileId, path_from_tiles, verify_inclusion};
use store::{Store, StoreError};

use super::world::World;
use crate::support::over_both_databases;

over_both_databases!(
    a_tile_that_is_there_is_left_alone,
    tiles_are_listed_by_level_and_index,
    a_path_is_read_from_tiles,
    a_call_takes_at_most_256_tiles,
);

fn tile(level: u8, index: u64, fill: u8) -> Tile {
    Tile { id: TileId { level, index }, hashes: vec![Hash([fill; 32]); 256] }
}

async fn a_tile_that_is_there_is_left_alone(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.badges(1).await;
    let batch = world.cut().await;
    let (stored, other) = (tile(0, 0, 1), tile(0, 0, 2));
    world.store.put_tiles(batch.id, std::slice::from_ref(&stored)).await.unwrap();
    world.store.put_tiles(batch.id, &[other, tile(0, 1, 3)]).await.unwrap();
    let read = |index| world.store.tile(batch.id, TileId { level: 0, index });
    assert_eq!(read(0).await.unwrap(), Some(stored));
    assert_eq!(read(1).await.unwrap(), Some(tile(0, 1, 3)));
    assert_eq!(read(2).await.unwrap(), None);
    let id = TileId { level: 0, index: 0 };
    assert_eq!(world.store.tile(BatchId(999), id).await.unwrap(), None);
}

async fn tiles_are_listed_by_level_and_index(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.badges(1).await;
    let batch = world.cut().await;
    let tiles = [tile(1, 0, 4), tile(0, 2, 3), tile(0, 0, 1), tile(0, 1, 2)];
    world.store.put_tiles(batch.id, &tiles).await.unwrap();
    let list = |after, limit| world.store.tiles(batch.id, after, limit);
    let all = list(None, 100).await.unwrap();
    let expected = [tile(0, 0, 1), tile(0, 1, 2), tile(0, 2, 3), tile(1, 0, 4)];
    assert_eq!(all, expected.map(|tile| (tile.id, tile.to_bytes())));
    assert_eq!(list(None, 2).await.unwrap(), all[..2]);
    assert_eq!(list(Some(all[1].0), 100).await.unwrap(), all[2..]);
    assert_eq!(list(Some(all[3].0), 100).await.unwrap(), []);
}

async fn a_path_is_read_from_tiles(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let batch = world.sealed(600).await;
    let seal = batch.seal().unwrap();
    for index in [0, 255, 256, 599] {
        let mut tiles = Vec::new();
        for id in proof::tiles_for_path(index, seal.size).unwrap() {
            tiles.push(world.store.tile(batch.id, id).await.unwrap().unwrap());
        }
        let found = |id| tiles.iter().find(|tile| tile.id == id).cloned();
        let path = path_from_tiles(index, seal.size, found).unwrap();
        let badge = world.store.badge(batch.first.plus(index)).await.unwrap().unwrap();
        assert_eq!(badge.batch.as_ref(), Some(&batch));
        verify_inclusion(badge.entry().leaf(), index, seal.size, &path, seal.root).unwrap();
    }
}

async fn a_call_takes_at_most_256_tiles(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    world.badges(1).await;
    let batch = world.cut().await;
    let mut tiles: Vec<_> = (0..257).map(|index| tile(0, index, 1)).collect();
    let refused = world.store.put_tiles(batch.id, &tiles).await;
    assert!(matches!(refused, Err(StoreError::Limit(_))), "{refused:?}");
    tiles.pop();
    world.store.put_tiles(batch.id, &tiles).await.unwrap();
    assert_eq!(world.store.tiles(batch.id, None, 1000).await.unwrap().len(), 256);
}
