//! What `read` says of each fixture, one reviewed row per file: its standard and form or the
//! refusal and its place, and the members that are shown and compared.

use crate::fixtures;

/// Every folder of fixtures that are read as badges. `vc-di-vectors` and `status` hold other things
/// beside them, `jcs-vectors` no badge at all; of these, only what has a published digest.
const FOLDERS: [&str; 15] = [
    "blockcerts",
    "clr2",
    "json-hostile",
    "ob1-json",
    "ob2-baked-png",
    "ob2-baked-svg",
    "ob2-json",
    "ob2-jws",
    "ob3-baked-png",
    "ob3-baked-svg",
    "ob3-json",
    "ob3-jwt",
    "png-hostile",
    "vc-json",
    "xml-hostile",
];

#[test]
fn every_fixture_reads_as_reviewed() {
    let reviewed = fixtures::table::<8>("expected-read.tsv");
    let published = fixtures::table::<5>("expected-jcs-sha256.tsv");
    let mut files: Vec<String> = published.into_iter().map(|row| row[0].clone()).collect();
    files.extend(FOLDERS.into_iter().flat_map(fixtures::folder));
    files.sort();
    files.dedup();
    for (row, file) in reviewed.iter().zip(&files) {
        assert_eq!(*row, read(file), "{file}");
    }
    assert_eq!(reviewed.len(), files.len());
}

/// The columns of `expected-read.tsv`.
fn read(file: &str) -> [String; 8] {
    let shown = |text: Option<String>| text.unwrap_or_default();
    let [standard, form, issuers, id, name, validity, warnings] =
        match badge::read(&fixtures::bytes(file)) {
            Err(refusal) => {
                let mut row = [const { String::new() }; 7];
                row[0] = refusal.code.to_string();
                row[1] = refusal.place.to_string();
                row
            }
            Ok(badge) => {
                let warnings: Vec<_> = badge.warnings.iter().map(badge::Warning::as_str).collect();
                [
                    badge.standard.to_string(),
                    badge.form.to_string(),
                    badge.issuers.join(" "),
                    shown(badge.id),
                    shown(badge.name),
                    format!("{}/{}", shown(badge.valid_from), shown(badge.valid_until)),
                    warnings.join(" "),
                ]
            }
        };
    [file.to_owned(), standard, form, issuers, id, name, validity, warnings]
}
