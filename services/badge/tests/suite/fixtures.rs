//! Reads the fixtures and their tables.

use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../tests/vectors/badges", name].iter().collect()
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The rows below the heading, cut into columns.
pub(crate) fn table<const COLUMNS: usize>(name: &str) -> Vec<[String; COLUMNS]> {
    let cut = |line: &str| {
        let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
        columns.try_into().unwrap_or_else(|row| panic!("{name}: {row:?}"))
    };
    text(name).lines().skip(1).map(cut).collect()
}

/// The names of the files in a folder.
pub(crate) fn folder(name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut files: Vec<String> = entries
        .map(|entry| {
            let file = entry.unwrap_or_else(|error| panic!("{name}: {error}")).file_name();
            format!("{name}/{}", file.display())
        })
        .collect();
    files.sort();
    files
}
