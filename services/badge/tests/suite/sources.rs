//! Where the fixtures came from: each has a row, as it was taken, and its licence is here.

use std::collections::BTreeSet;

use proof::Hash;

use crate::fixtures;

#[test]
fn every_file_has_its_source_and_its_licence() {
    let mut files: BTreeSet<String> = fixtures::folders()
        .into_iter()
        .filter(|folder| folder != "LICENSES")
        .flat_map(|folder| fixtures::folder(&folder))
        .collect();
    let licences: BTreeSet<String> = fixtures::folder("LICENSES").into_iter().collect();
    let mut used = BTreeSet::new();
    for row in fixtures::table::<9>("SOURCES.tsv") {
        let [file, repository, .., sha256] = &row;
        assert_eq!(Hash::of(&[&fixtures::bytes(file)]).to_string(), *sha256, "{file}");
        assert!(files.remove(file), "{file} has two rows");
        used.insert(format!("LICENSES/{}.txt", repository.replace('/', "_")));
    }
    assert!(files.is_empty(), "without a source: {files:?}");
    assert_eq!(used, licences);
}
