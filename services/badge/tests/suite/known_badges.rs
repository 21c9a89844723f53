//! What `read` says of each fixture, one reviewed row per file: its standard or the refusal, and
//! the members that are shown and compared.

use crate::fixtures;

#[test]
fn every_fixture_reads_as_reviewed() {
    let reviewed = fixtures::table::<7>("expected-read.tsv");
    let files: Vec<String> = fixtures::table::<5>("expected-jcs-sha256.tsv")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(reviewed.len(), 102);
    for (row, file) in reviewed.iter().zip(files) {
        assert_eq!(row[0], file);
        assert_eq!(*row, read(&file), "{file}");
    }
}

/// The columns of `expected-read.tsv`.
fn read(file: &str) -> [String; 7] {
    let shown = |text: Option<String>| text.unwrap_or_default();
    match badge::read(&fixtures::bytes(file)) {
        Err(refusal) => {
            let none = String::new;
            [file.into(), refusal.code.to_string(), none(), none(), none(), none(), none()]
        }
        Ok(badge) => {
            let warnings: Vec<_> = badge.warnings.iter().map(badge::Warning::as_str).collect();
            let validity = format!("{}/{}", shown(badge.valid_from), shown(badge.valid_until));
            [
                file.into(),
                badge.standard.to_string(),
                badge.issuers.join(" "),
                shown(badge.id),
                shown(badge.name),
                validity,
                warnings.join(" "),
            ]
        }
    }
}
