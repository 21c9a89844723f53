//! What the fuzzer demands of any bytes holds of its seeds, the fixtures, and of all it ever found.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a crate of its own for the fuzzer")]
mod fuzz;

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder; none where there is no folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn seeds_and_findings_hold() {
    let seeds = tempfile::tempdir().unwrap();
    let script = checkout().join("scripts/fuzz");
    let made = Command::new("python3").arg(script).arg("--seeds").arg(seeds.path()).status();
    assert!(made.unwrap().success());
    let mut broken = Vec::new();
    for (target, holds) in fuzz::TARGETS {
        let inputs = files(&seeds.path().join(target));
        assert!(!inputs.is_empty(), "no seeds for {target}");
        for (path, bytes) in inputs {
            if catch_unwind(|| holds(&bytes)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

/// A target that is not replayed, or that the fuzzer does not know, would be found by nobody.
#[test]
fn every_target_is_replayed() {
    let mut replayed = fuzz::TARGETS.map(|(name, _)| format!("{name}.rs"));
    replayed.sort();
    let mut targets: Vec<String> = files(&checkout().join("tests/fuzz/fuzz_targets"))
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    targets.sort();
    assert_eq!(targets, replayed);
    let found = fs::read_dir(checkout().join("tests/fuzz/found"));
    for folder in found.into_iter().flatten() {
        let name = folder.unwrap().file_name().to_string_lossy().into_owned();
        assert!(replayed.contains(&format!("{name}.rs")), "findings of no target: {name}");
    }
}
