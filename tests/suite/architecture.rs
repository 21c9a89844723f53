//! The one direction of dependencies, read from `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each crate may use of ours.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("proof", &[]),
    ("badge", &["proof"]),
    ("issuer-signature", &["badge", "proof"]),
    ("domain", &["proof"]),
    ("token-metadata", &["domain", "proof"]),
    ("verifier", &["badge", "issuer-signature", "proof"]),
    ("store", &["domain", "proof"]),
    ("store-sqlite", &["domain", "proof", "store"]),
    ("store-postgres", &["domain", "proof", "store"]),
    ("chain", &["domain", "proof"]),
    ("worker", &["chain", "domain", "proof", "store"]),
    ("api", &["badge", "chain", "domain", "proof", "store", "token-metadata", "verifier"]),
    (
        "ingam",
        &[
            "api",
            "badge",
            "chain",
            "domain",
            "proof",
            "store",
            "store-postgres",
            "store-sqlite",
            "verifier",
            "worker",
        ],
    ),
];

/// Who may name which library.
const OWNERS: [(&str, &[&str]); 4] = [
    ("sqlx", &["store-sqlite", "store-postgres"]),
    ("alloy", &["chain"]),
    ("axum", &["api", "ingam"]),
    ("anyhow", &["ingam"]),
];

/// Normal dependencies of every crate under `services/`, by name.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap();
    let packages = metadata.packages.into_iter();
    let services = packages.filter(|package| {
        let folder = package.manifest_path.parent().and_then(|folder| folder.parent());
        folder.and_then(|folder| folder.file_name()) == Some("services")
    });
    services
        .map(|package| {
            let normal = package.dependencies.into_iter();
            let normal = normal.filter(|dependency| dependency.kind == DependencyKind::Normal);
            (package.name.to_string(), normal.map(|dependency| dependency.name).collect())
        })
        .collect()
}

#[test]
fn arrows_go_one_way() {
    let found = dependencies();
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let ours: BTreeSet<_> = allowed.keys().map(ToString::to_string).collect();
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), ours, "a crate without a place");
    for (name, uses) in &found {
        for used in uses.intersection(&ours) {
            assert!(allowed[name.as_str()].contains(&used.as_str()), "{name} must not use {used}");
        }
    }
}

#[test]
fn databases_and_chains_stay_in_their_crates() {
    for (library, owners) in OWNERS {
        for (name, uses) in dependencies() {
            let may = owners.contains(&name.as_str());
            assert!(may || !uses.contains(library), "{name} must not use {library}");
        }
    }
}

/// Where bytes are signed with a key of the chain: keys of the service's signer, each behind its
/// policy, and the owner's, which only the commands of an administrator open.
const SIGNING: [&str; 3] = [
    "services/chain/src/deploy.rs",
    "services/chain/src/signer/aws_kms.rs",
    "services/chain/src/signer/local.rs",
];

#[test]
fn nothing_is_signed_past_the_policy() {
    let mut found = BTreeSet::new();
    let mut directories = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../services"))];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                if ["sign_hash", "sign_message", "sign_transaction_sync", "sign_typed_data"]
                    .iter()
                    .any(|signing| code.contains(signing))
                {
                    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
                    found.insert(path.strip_prefix(root).unwrap().display().to_string());
                }
            }
        }
    }
    assert_eq!(found, BTreeSet::from(SIGNING.map(str::to_owned)));
}
