//! How fast badges become digests, against what cannot be avoided: SHA-256 of the same bytes, and
//! `serde_json` reading the same credential. Run by `scripts/bench digest`, which adds npm's
//! canonicalize to the comparison.
//!
//!     cargo bench -p badge --bench digest -- DIRECTORY
//!
//! Writes `DIRECTORY/measured.json`, and each credential measured into `DIRECTORY/inputs`.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod badges;
mod clock;
mod hostile;

use std::hint::black_box;
use std::path::PathBuf;

use proof::Hash;
use serde_json::json;

fn main() {
    // cargo itself adds `--bench`
    let directory = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let directory = PathBuf::from(directory.expect("the directory to write into"));
    let inputs = directory.join("inputs");
    std::fs::create_dir_all(&inputs).unwrap();

    let mut ordinary = Vec::new();
    for case in badges::cases() {
        std::fs::write(inputs.join(format!("{}.json", case.size)), &case.credential).unwrap();
        let digest = badge::read_json_value_digest(&case.credential).unwrap();
        assert_eq!(badge::read(&case.file).unwrap().digest, digest, "{}", case.form);
        let [digest_ns, limit_ns] = clock::medians([
            &mut || drop(black_box(badge::read(black_box(&case.file)))),
            &mut || {
                black_box(Hash::of(&[black_box(&case.file)]));
                let value: serde_json::Value = serde_json::from_slice(&case.credential).unwrap();
                drop(black_box(value));
            },
        ]);
        ordinary.push(json!({
            "form": case.form,
            "size": case.size,
            "bytes": case.file.len(),
            "credentialBytes": case.credential.len(),
            "digest": digest,
            "digestNs": digest_ns,
            "limitNs": limit_ns,
        }));
    }

    let mut hostile = Vec::new();
    for (name, file) in hostile::cases() {
        let outcome = match badge::read(&file) {
            Ok(_) => "digest".to_owned(),
            Err(refusal) => refusal.code.to_string(),
        };
        let [ns] = clock::medians([&mut || drop(black_box(badge::read(black_box(&file))))]);
        hostile.push(json!({ "name": name, "bytes": file.len(), "outcome": outcome, "ns": ns }));
    }

    let measured = json!({ "ordinary": ordinary, "hostile": hostile });
    std::fs::write(directory.join("measured.json"), measured.to_string()).unwrap();
}
