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

/// The names of all folders.
pub(crate) fn folders() -> Vec<String> {
    let entries = std::fs::read_dir(path("")).expect("the vectors are committed");
    let entries = entries.map(|entry| entry.expect("the folder is readable"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|folder| folder.file_name().display().to_string()).collect()
}

/// The project's own Korean sample badges.
pub(crate) fn korean_badges() -> Vec<(String, String)> {
    let folder: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "../../scripts/demo-badges/hanbit"].iter().collect();
    let entries = std::fs::read_dir(folder).expect("the folder is committed");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let json = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| {
        let text = std::fs::read_to_string(&path).expect("it is readable text");
        (path.display().to_string(), text)
    })
    .collect()
}
