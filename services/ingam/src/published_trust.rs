//! The trust file, from what the database knows; a new version whenever its content changes.

use std::collections::HashSet;

use anyhow::{Context as _, bail, ensure};
use proof::{
    Address, Hash, IssuerEntry, PublicKey, ReceiptKey, ReceiptKeyEntry, RegistryEntry, Timestamp,
    TrustFile,
};
use store::{ReceiptKeyRecord, RegistryRecord, Store, StoreError};

use crate::config::Config;
use crate::secrets;

/// How often publishing is tried while others publish.
const PUBLISH_TRIES: u32 = 10;

/// Records what the configuration adds to the file, a registry and a receipt key, and publishes.
/// Returns the key, since who publishes signs.
///
/// # Errors
/// The registry is recorded with another code or block, the key file is missing, or as [`publish`].
pub(crate) async fn record(
    store: &dyn Store,
    config: &Config,
    now: Timestamp,
) -> anyhow::Result<(ReceiptKey, TrustFile)> {
    let chain = &config.chain;
    let registry = RegistryRecord {
        chain_id: chain.chain_id,
        address: chain.registry,
        from_block: chain.registry_from_block,
        code_hash: Hash(chain.registry_code_hash.0),
        created_at: now,
    };
    store.add_registry(&registry).await.with_context(|| {
        format!("registry {} of the configuration is not as recorded", chain.registry)
    })?;
    let key = ReceiptKey::from_seed(*secrets::read(&config.receipt_key_file())?);
    record_key(store, &key, now).await?;
    let file = publish(store, &config.service.id, now).await?;
    Ok((key, file))
}

/// The key that a service starts with is in force.
///
/// # Errors
/// It was retired or revoked.
pub(crate) fn check_key(file: &TrustFile, key_id: &Hash, now: Timestamp) -> anyhow::Result<()> {
    let key = file.receipt_key(key_id);
    let key = key.with_context(|| format!("the trust file has no receipt key {key_id}"))?;
    ensure!(
        key.accepts(now),
        "the receipt key {key_id} has ended in the trust file: make another with \
         `ingam migrate --new-receipt-key`"
    );
    Ok(())
}

/// The registry that a service starts with is in force at this head of the chain.
///
/// # Errors
/// Anchors in later blocks of it do not count.
pub(crate) fn check_registry(
    file: &TrustFile,
    chain_id: u64,
    registry: Address,
    head: u64,
) -> anyhow::Result<()> {
    let entry = file.registry(chain_id, &registry).with_context(|| {
        format!("the trust file has no registry {registry} on chain {chain_id}")
    })?;
    if let Some(end) = entry.until_block {
        ensure!(
            head < end,
            "the registry {registry} on chain {chain_id} has ended in the trust file: anchors \
             count until block {end}, and the chain is at {head}; configure another registry"
        );
    }
    Ok(())
}

/// Records a receipt key; a repeat changes nothing.
///
/// # Errors
/// The database.
pub(crate) async fn record_key(
    store: &dyn Store,
    key: &ReceiptKey,
    now: Timestamp,
) -> anyhow::Result<()> {
    let record = ReceiptKeyRecord {
        key_id: key.key_id(),
        public_key: key.public().0,
        not_before: now,
        not_after: None,
        revoked_at: None,
    };
    Ok(store.add_receipt_key(&record).await?)
}

/// Publishes the file as it now is, unless the newest version already says the same.
///
/// # Errors
/// The database, or a stored version that cannot be read.
pub(crate) async fn publish(
    store: &dyn Store,
    service: &str,
    now: Timestamp,
) -> anyhow::Result<TrustFile> {
    for _ in 1..PUBLISH_TRIES {
        match try_publish(store, service, now).await {
            // another process published what it knew, perhaps not what this one added
            Err(error) if lost_a_race(&error) => {}
            ended => return ended,
        }
    }
    try_publish(store, service, now).await
}

async fn try_publish(
    store: &dyn Store,
    service: &str,
    now: Timestamp,
) -> anyhow::Result<TrustFile> {
    // before all that the file says is read
    let newest = newest(store).await?;
    let file = current(store, service, newest.as_ref().map(|(file, _)| file), now).await?;
    file.check()?;
    let after = match newest {
        Some((newest, _)) if says_the_same(&newest, &file) => return Ok(newest),
        newest => newest.map_or(0, |(_, version)| version),
    };
    let version = store.publish_trust(&file, after, now).await?;
    tracing::info!(version = version.version, "published a new trust file");
    Ok(file)
}

fn lost_a_race(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Conflict(_)))
}

/// The file that would be published with one more issuer passes every check.
///
/// # Errors
/// A name of the newcomer is empty, given twice or another issuer's; or as [`publish`].
pub(crate) async fn check_newcomer(
    store: &dyn Store,
    service: &str,
    newcomer: IssuerEntry,
    now: Timestamp,
) -> anyhow::Result<()> {
    let newest = newest(store).await?;
    let mut file = current(store, service, newest.as_ref().map(|(file, _)| file), now).await?;
    let identifier = newcomer.identifier.as_str();
    let taken = |name: &str| {
        file.issuers.iter().find(|issuer| {
            issuer.identifier.as_str() == name || issuer.aliases.iter().any(|alias| alias == name)
        })
    };
    if let Some(owner) = taken(identifier) {
        ensure!(
            owner.identifier.as_str() != identifier,
            "issuer {identifier} is registered already"
        );
        bail!("{identifier} is an alias of the issuer {} already", owner.identifier);
    }
    let mut given = HashSet::from([identifier]);
    for alias in &newcomer.aliases {
        ensure!(!alias.is_empty(), "an alias is empty");
        ensure!(given.insert(alias), "the name {alias} is given twice");
        if let Some(owner) = taken(alias) {
            bail!("the alias {alias} is a name of the issuer {} already", owner.identifier);
        }
    }
    file.issuers.push(newcomer);
    // read back, since the size is limited too
    TrustFile::parse(file.to_json().as_bytes()).context("the trust file with this issuer")?;
    Ok(())
}

/// Publishes the newest version with a change that an operator decides: a key or registry ended.
///
/// # Errors
/// Nothing is published yet, the change names what is not in the file, another version is published
/// at the same time, or as [`publish`].
pub(crate) async fn amend(
    store: &dyn Store,
    now: Timestamp,
    change: impl FnOnce(&mut TrustFile) -> anyhow::Result<()>,
) -> anyhow::Result<TrustFile> {
    let (mut file, after) = newest(store).await?.context("no trust file is published yet")?;
    change(&mut file)?;
    file.published_at = now;
    file.check()?;
    store.publish_trust(&file, after, now).await?;
    Ok(file)
}

/// The newest version and its number.
async fn newest(store: &dyn Store) -> anyhow::Result<Option<(TrustFile, i64)>> {
    let Some(version) = store.trust_history().await?.pop() else { return Ok(None) };
    let number = version.version;
    let file = TrustFile::parse(version.document.as_bytes());
    file.map(|file| Some((file, number)))
        .with_context(|| format!("stored trust file, version {number}"))
}

fn says_the_same(one: &TrustFile, other: &TrustFile) -> bool {
    TrustFile { published_at: other.published_at, ..one.clone() } == *other
}

async fn current(
    store: &dyn Store,
    service: &str,
    newest: Option<&TrustFile>,
    now: Timestamp,
) -> anyhow::Result<TrustFile> {
    let collections = store.collections().await?;
    let token_contracts = |record: &RegistryRecord| {
        let streams = collections.iter().map(|collection| &collection.stream);
        let of_registry = streams.filter(|stream| {
            (stream.chain_id, stream.registry) == (record.chain_id, record.address)
        });
        of_registry.filter_map(|stream| stream.kind.collection()).collect()
    };
    // what an operator ended or distrusted stays so
    let registry = |record: &RegistryRecord| {
        let published = newest.and_then(|file| file.registry(record.chain_id, &record.address));
        let entry = published.cloned().unwrap_or(RegistryEntry {
            chain_id: record.chain_id,
            registry: record.address,
            token_contracts: Vec::new(),
            from_block: record.from_block,
            until_block: None,
            distrusted_operators: Vec::new(),
        });
        // collections are added, never removed
        RegistryEntry { token_contracts: token_contracts(record), ..entry }
    };
    let receipt_key = |record: &ReceiptKeyRecord| {
        let published = newest.and_then(|file| file.receipt_key(&record.key_id));
        published.copied().unwrap_or(ReceiptKeyEntry {
            key_id: record.key_id,
            public_key: PublicKey(record.public_key),
            not_before: record.not_before,
            not_after: record.not_after,
            revoked_at: record.revoked_at,
        })
    };
    let issuer = |issuer: domain::Issuer| IssuerEntry {
        identifier: issuer.identifier,
        aliases: issuer.aliases,
        control: control(issuer.control),
        control_shown_at: issuer.created_at,
    };
    Ok(TrustFile {
        service: service.to_owned(),
        registries: store.registries().await?.iter().map(registry).collect(),
        receipt_keys: store.receipt_keys().await?.iter().map(receipt_key).collect(),
        issuers: store
            .issuers(None)
            .await?
            .into_iter()
            // the service's own, which speaks for nobody
            .filter(|it| it.identifier.as_str() != domain::CANARY_ISSUER)
            .map(issuer)
            .collect(),
        published_at: now,
    })
}

pub(crate) const fn control(control: domain::Control) -> proof::Control {
    match control {
        domain::Control::WellKnown => proof::Control::WellKnown,
        domain::Control::DidAuth => proof::Control::DidAuth,
        domain::Control::Manual => proof::Control::Manual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::DistrustedOperator;
    use store::Administration as _;
    use store_sqlite::{SqliteOptions, SqliteStore};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[tokio::test]
    async fn a_version_is_published_at_each_change_and_nothing_is_lost() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ingam.db");
        SqliteStore::migrate(&path).await.unwrap();
        let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
        let registry = RegistryRecord {
            chain_id: 7,
            address: Address([1; 20]),
            from_block: 3,
            code_hash: Hash([2; 32]),
            created_at: at(1),
        };
        store.add_registry(&registry).await.unwrap();
        record_key(&store, &ReceiptKey::from_seed([3; 32]), at(1)).await.unwrap();
        let first = publish(&store, "test", at(2)).await.unwrap();
        assert_eq!(publish(&store, "test", at(3)).await.unwrap(), first);
        assert_eq!(store.trust_history().await.unwrap().len(), 1);

        let distrusted = DistrustedOperator { operator: Address([9; 20]), from_block: 5 };
        let ended = amend(&store, at(4), |file| {
            file.registries[0].distrusted_operators.push(distrusted);
            file.registries[0].until_block = Some(9);
            file.receipt_keys[0].revoked_at = Some(at(4));
            Ok(())
        });
        let ended = ended.await.unwrap();

        let account = store.add_account("a", at(5)).await.unwrap();
        let identifier = "https://hanbit.example/".parse().unwrap();
        let alias = ["did:web:hanbit.example".to_owned()];
        let control = domain::Control::DidAuth;
        store.add_issuer(account.id, &identifier, &alias, control, at(6)).await.unwrap();
        let now = publish(&store, "test", at(7)).await.unwrap();
        assert_eq!(now.registries, ended.registries);
        assert_eq!(now.receipt_keys[0].revoked_at, Some(at(4)));
        assert_eq!(now.issuers[0].aliases, alias);
        assert_eq!(now.issuers[0].control, proof::Control::DidAuth);
        assert_eq!(now.published_at, at(7));
        assert_eq!(store.trust_history().await.unwrap().len(), 3);
        store.close().await;
    }

    #[test]
    fn what_has_ended_is_not_started_with() {
        let (registry, key) = (Address([1; 20]), ReceiptKey::from_seed([3; 32]));
        let mut file = TrustFile {
            service: "test".to_owned(),
            registries: vec![RegistryEntry {
                chain_id: 7,
                registry,
                token_contracts: Vec::new(),
                from_block: 3,
                until_block: Some(9),
                distrusted_operators: Vec::new(),
            }],
            receipt_keys: vec![ReceiptKeyEntry::new(key.public(), at(1))],
            issuers: Vec::new(),
            published_at: at(1),
        };
        let ended = |head| check_registry(&file, 7, registry, head).map_err(|it| it.to_string());
        assert_eq!(ended(8), Ok(()));
        assert!(ended(9).unwrap_err().contains("until block 9"));
        let why = |file: &TrustFile| {
            check_key(file, &key.key_id(), at(5)).map_err(|error| error.to_string())
        };
        assert_eq!(why(&file), Ok(()));
        file.receipt_keys[0].revoked_at = Some(at(5));
        assert!(why(&file).unwrap_err().contains("--new-receipt-key"));
        file.receipt_keys[0].revoked_at = None;
        file.receipt_keys[0].not_after = Some(at(4));
        assert!(why(&file).unwrap_err().contains("--new-receipt-key"));
    }

    #[tokio::test]
    async fn a_name_is_given_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ingam.db");
        SqliteStore::migrate(&path).await.unwrap();
        let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
        let account = store.add_account("a", at(1)).await.unwrap();
        let (first, alias) = ("https://hanbit.example/", "did:web:hanbit.example");
        let (identifier, aliases) = (first.parse().unwrap(), [alias.to_owned()]);
        let shown = domain::Control::Manual;
        store.add_issuer(account.id, &identifier, &aliases, shown, at(1)).await.unwrap();

        let other = "https://other.example/";
        for (identifier, aliases, why) in [
            (other, vec!["https://other.example/id"], None),
            (first, vec![], Some("registered already")),
            (alias, vec![], Some("is an alias of the issuer https://hanbit.example/")),
            (other, vec![alias], Some("is a name of the issuer https://hanbit.example/")),
            (other, vec![first], Some("is a name of the issuer https://hanbit.example/")),
            (other, vec![other], Some("given twice")),
            (other, vec!["x", "x"], Some("given twice")),
            (other, vec![""], Some("an alias is empty")),
        ] {
            let newcomer = IssuerEntry {
                identifier: identifier.parse().unwrap(),
                aliases: aliases.into_iter().map(str::to_owned).collect(),
                control: proof::Control::Manual,
                control_shown_at: at(2),
            };
            let checked = check_newcomer(&store, "test", newcomer, at(2)).await;
            let told = checked.map_err(|error| error.to_string()).err();
            assert_eq!(told.is_some(), why.is_some(), "{told:?}");
            assert!(told.unwrap_or_default().contains(why.unwrap_or_default()), "{why:?}");
        }
        store.close().await;
    }
}
