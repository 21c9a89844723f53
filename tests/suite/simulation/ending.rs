//! Everything is healed; within so many blocks every promise is kept.

use domain::{BadgeState, MintState, Position};

use super::schedule::{Event, PROCESSES};
use super::world::World;
use crate::support::Service;

/// Blocks after which nothing may be open.
const BLOCKS: usize = 160;

pub(super) async fn all_is_kept(world: &mut World) {
    world.heal().await;
    for block in 0..BLOCKS {
        for process in 0..PROCESSES {
            world.step(Event::Work { process }).await;
        }
        if is_done(&world.service).await {
            break;
        }
        // mint requests grow old; a blocked mint is looked at once a minute
        world.step(Event::Wait { minutes: if block % 10 == 0 { 10 } else { 0 } }).await;
        world.step(Event::Mine).await;
    }
    let service = &world.service;
    for badge in &service.accepted {
        let state = service.record(*badge).await.state();
        assert_eq!(state, BadgeState::Final, "badge {badge} after {BLOCKS} blocks");
        assert_as_on_chain(service, *badge).await;
    }
    service.assert_kept().await;
}

/// Whether nothing is on its way, in the database and on the chain.
async fn is_done(service: &Service) -> bool {
    let view = service.store.signer_view(service.signer.id, 10).await.unwrap();
    let idle = view.live.is_empty() && view.waiting.is_empty() && view.revocations.is_empty();
    let streams = service.store.streams().await.unwrap();
    let sealed = streams.iter().all(|stream| stream.open() == 0 && stream.cut.is_empty());
    idle && sealed && followed(service).await
}

/// Whether what others did at final blocks is known.
async fn followed(service: &Service) -> bool {
    let (chain_id, registry) = (service.stream.chain_id, service.stream.registry);
    let followed = service.store.followed(chain_id, registry).await.unwrap();
    let acted = service.chain.last_event();
    acted <= service.chain.final_height() && followed.is_some_and(|block| block >= acted)
}

/// The database says of revocations and burns what the chain says.
async fn assert_as_on_chain(service: &Service, badge: Position) {
    let is_final = |revocation: Option<domain::Revocation>| {
        revocation.is_some_and(|revocation| revocation.final_at.is_some())
    };
    let (commitment, index) = service.leaf(badge).await.unwrap();
    let revoked = is_final(service.revocation(badge).await);
    assert_eq!(service.chain.is_revoked(commitment, index), revoked, "badge {badge}");
    for token in service.store.tokens(badge).await.unwrap() {
        let state = token.state();
        let ended = [MintState::Minted, MintState::Burned, MintState::Revoked];
        assert!(ended.contains(&state), "the token of badge {badge} is {state:?}");
        let batch = token.batch.as_ref().unwrap();
        let (commitment, index) = (batch.seal().unwrap().commitment, token.index.unwrap());
        let revoked = is_final(token.revocation);
        let on_chain = service.chain.is_revoked(commitment, index);
        assert_eq!(on_chain, revoked, "the token of badge {badge}");
        let owner = service.on_chain(&token).await.owner;
        assert_eq!(owner.is_none(), token.burned_at.is_some(), "the token of badge {badge}");
    }
}
