//! What PostgreSQL undoes because another transaction was faster is tried again, five times in all; and
//! what two callers do at once is done once.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{ApiKey, ApiKeyRecord, Control, RevocationReason, SeededEntropy};
use futures::future::join_all;
use proof::{IssuerIdentifier, TrustFile};
use store::{RevocationRequest, Store, StoreError};

use super::world::{World, at};
use crate::support::over_both_databases;

over_both_databases!(
    of_many_who_give_a_name_one_does,
    different_issuers_are_added_at_once,
    no_trust_file_is_published_over_one_that_was_not_read,
);

fn identifier(text: &str) -> IssuerIdentifier {
    text.parse().unwrap()
}

async fn of_many_who_give_a_name_one_does(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    // the identifier of one is an alias of the other
    let names = ["did:web:a.example", "did:web:b.example"];
    let adding = (0..12_usize).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let [one, other] = [names[number % 2], names[(number + 1) % 2]];
            let aliases = [other.to_owned()];
            let (account, control) = (world.account.id, Control::Manual);
            match world.store.add_issuer(account, &identifier(one), &aliases, control, at(1)).await
            {
                Ok(_) => true,
                Err(StoreError::Conflict(why)) => {
                    assert!(why.contains("is a name of the issuer did:web:"), "{why}");
                    false
                }
                Err(error) => panic!("{error}"),
            }
        })
    });
    let added = join_all(adding.collect::<Vec<_>>()).await;
    assert_eq!(added.into_iter().filter(|added| *added.as_ref().unwrap()).count(), 1);
    assert_eq!(world.store.issuers(None).await.unwrap().len(), 2);
}

async fn different_issuers_are_added_at_once(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let adding = (0..12).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let name = identifier(&format!("did:web:{number}.example"));
            let (account, control) = (world.account.id, Control::Manual);
            world.store.add_issuer(account, &name, &[], control, at(1)).await.unwrap().id
        })
    });
    let ids: BTreeSet<_> =
        join_all(adding.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 12);
    assert_eq!(world.store.issuers(None).await.unwrap().len(), 13);
}

async fn no_trust_file_is_published_over_one_that_was_not_read(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let publishing = (0..8_usize).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let name = identifier(&format!("did:web:{number}.example"));
            let (account, control) = (world.account.id, Control::Manual);
            world.store.add_issuer(account, &name, &[], control, at(1)).await.unwrap();
            let mut conflicts = 0_u32;
            loop {
                // in this order: the version first, then what the file says
                let history = world.store.trust_history().await.unwrap();
                let after = history.last().map_or(0, |version| version.version);
                let names: Vec<_> = world.store.issuers(None).await.unwrap();
                let file = TrustFile {
                    service: names.len().to_string(),
                    registries: Vec::new(),
                    receipt_keys: Vec::new(),
                    issuers: Vec::new(),
                    published_at: at(1),
                };
                match world.store.publish_trust(&file, after, at(1)).await {
                    Ok(version) => return (version.version, conflicts),
                    Err(StoreError::Conflict(_)) => conflicts += 1,
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    let published = join_all(publishing.collect::<Vec<_>>()).await;
    let versions: BTreeSet<i64> = published.into_iter().map(|it| it.unwrap().0).collect();
    assert_eq!(versions, (1..=8).collect());
    let history = world.store.trust_history().await.unwrap();
    let said: Vec<u32> = history
        .iter()
        .map(|it| TrustFile::parse(it.document.as_bytes()).unwrap().service.parse().unwrap())
        .collect();
    assert!(said.is_sorted(), "no version says less than the one before: {said:?}");
    assert_eq!(said.last(), Some(&9), "the last one knows all");
}

/// The first statements that write are undone as the server undoes the loser of a race.
async fn lose_races(world: &World) {
    for failed in 0..2 {
        let submissions = [world.submission(), world.submission()];
        let accepted = world.store.accept(world.stream.id, &submissions).await;
        // five tries and no sixth: the second call finds the race over
        match failed {
            0 => assert!(matches!(accepted, Err(StoreError::Unavailable(_))), "{accepted:?}"),
            _ => assert_eq!(accepted.unwrap().len(), 2),
        }
    }
    let counts = world.store.counts().await.unwrap();
    assert_eq!((counts.badges, counts.positions), (2, 2), "nothing was stored twice");
}

mod postgres_alone {
    use super::*;
    use crate::support::Database;

    /// Statements that write the named tables fail so many times, with this code. A sequence counts
    /// what is undone, too.
    const TRIGGERS: &str = "
        CREATE SEQUENCE tries;
        CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('tries') <= TG_ARGV[1]::int THEN
                RAISE EXCEPTION 'provoked' USING ERRCODE = TG_ARGV[0];
            END IF;
            RETURN NULL;
        END $$;";

    async fn with_triggers(triggers: &'static str) -> (Database, World) {
        let database = Database::postgres().await;
        let store = database.open().await.unwrap();
        let world = World::on(store).await;
        database.execute(TRIGGERS).await;
        database.execute(triggers).await;
        (database, world)
    }

    async fn end(database: Database, world: World) {
        world.store.close().await;
        database.drop().await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn a_serialization_failure_is_tried_five_times_at_intake() {
        let (database, world) = with_triggers(
            "CREATE TRIGGER lose BEFORE INSERT ON badge FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '5')",
        )
        .await;
        lose_races(&world).await;
        end(database, world).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn a_deadlock_is_tried_five_times_at_intake() {
        let (database, world) = with_triggers(
            "CREATE TRIGGER lose BEFORE INSERT ON badge FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40P01', '5')",
        )
        .await;
        lose_races(&world).await;
        end(database, world).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn the_fifth_try_counts() {
        let (database, world) = with_triggers(
            "CREATE TRIGGER lose BEFORE INSERT ON badge FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '4')",
        )
        .await;
        let badge = world.badges(1).await[0];
        assert!(world.store.badge(badge).await.unwrap().is_some());
        end(database, world).await;
    }

    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn another_error_is_not_tried_again() {
        let (database, world) = with_triggers(
            "CREATE TRIGGER lose BEFORE INSERT ON badge FOR EACH STATEMENT
             EXECUTE FUNCTION lose('53100', '1')",
        )
        .await;
        // disk_full
        let refused = world.store.accept(world.stream.id, &[world.submission()]).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        world.badges(1).await;
        end(database, world).await;
    }

    /// Each call's first statement to write loses four races; the counter begins anew for each.
    #[tokio::test]
    #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
    async fn calls_of_platforms_and_administrators_lose_races_too() {
        let (database, world) = with_triggers(
            "CREATE TRIGGER lose BEFORE INSERT ON account FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '4');
             CREATE TRIGGER lose BEFORE INSERT OR UPDATE ON issuer FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '4');
             CREATE TRIGGER lose BEFORE INSERT OR UPDATE ON api_key FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40P01', '4');
             CREATE TRIGGER lose BEFORE INSERT ON stream FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '4');
             CREATE TRIGGER lose BEFORE INSERT ON trust_version FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '4');
             CREATE TRIGGER lose BEFORE INSERT ON revocation FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40001', '4');
             CREATE TRIGGER lose BEFORE INSERT ON erasure FOR EACH STATEMENT
             EXECUTE FUNCTION lose('40P01', '4')",
        )
        .await;
        let (store, account, now) = (&world.store, world.account.id, at(3));
        let again = async || database.execute("ALTER SEQUENCE tries RESTART").await;

        let other = store.add_account("other", now).await.unwrap();
        again().await;
        let name = identifier("did:web:other.example");
        let issuer = store.add_issuer(other.id, &name, &[], Control::Manual, now).await.unwrap();
        again().await;
        store.disable_issuer(issuer.id, now).await.unwrap();
        again().await;
        let key = ApiKey::generate(&SeededEntropy::new(4));
        let record = ApiKeyRecord {
            hash: key.hash(),
            account,
            shown: key.shown().to_owned(),
            scopes: "read".parse().unwrap(),
            issuers: Vec::new(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        };
        store.add_key(&record).await.unwrap();
        again().await;
        assert_eq!(store.revoke_key(account, key.shown(), now).await.unwrap(), 1);
        again().await;
        let facts = &world.stream;
        store.stream(1, facts.registry, &facts.service, 1000, now).await.unwrap();
        again().await;
        let file = TrustFile {
            service: "test".to_owned(),
            registries: Vec::new(),
            receipt_keys: Vec::new(),
            issuers: Vec::new(),
            published_at: now,
        };
        assert_eq!(store.publish_trust(&file, 0, now).await.unwrap().version, 1);
        again().await;
        let badge = world.badges(1).await[0];
        let request = RevocationRequest {
            account,
            position: badge,
            reason: RevocationReason::Superseded,
            requested_at: now,
        };
        store.request_revocation(request).await.unwrap();
        again().await;
        store.erase(account, badge, now).await.unwrap();
        again().await;
        let ended = store.disable_account(account, now).await.unwrap();
        assert_eq!((ended.keys, ended.issuers), (0, 1));
        end(database, world).await;
    }
}
