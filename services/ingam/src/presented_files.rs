//! The files that a user names, and those in the directories that he names.

use std::fs;
use std::path::{Path, PathBuf};

/// A file to look at.
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    /// Found in a directory, not named by itself.
    pub(crate) in_directory: bool,
}

/// The files, a directory's by name: hidden ones are skipped, and directories in it unless
/// `recursive`. A directory that cannot be listed, or is empty, is an error in its place.
pub(crate) fn list(paths: &[PathBuf], recursive: bool) -> Vec<Result<Listed, String>> {
    let mut listed = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = listed.len();
            walk(path, recursive, &mut listed);
            if listed.len() == before {
                listed.push(Err(format!("{}: no file in this directory", path.display())));
            }
        } else {
            listed.push(Ok(Listed { path: path.clone(), in_directory: false }));
        }
    }
    listed
}

fn walk(directory: &Path, recursive: bool, listed: &mut Vec<Result<Listed, String>>) {
    let failed = |error: std::io::Error| Err(format!("{}: {error}", directory.display()));
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => return listed.push(failed(error)),
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        match entry.file_type() {
            Err(error) => listed.push(failed(error)),
            Ok(kind) if kind.is_dir() && recursive => walk(&path, recursive, listed),
            // not through a link to a directory, which may lead in a circle
            Ok(_) if path.is_dir() => {}
            Ok(_) => listed.push(Ok(Listed { path, in_directory: true })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf], recursive: bool) -> Vec<String> {
        let name = |listed: Result<Listed, String>| match listed {
            Ok(Listed { path, in_directory }) => {
                let mark = if in_directory { "" } else { "!" };
                format!("{mark}{}", path.file_name().unwrap().to_str().unwrap())
            }
            Err(why) => why.rsplit(": ").next().unwrap().to_owned(),
        };
        list(paths, recursive).into_iter().map(name).collect()
    }

    #[test]
    fn a_directory_is_its_visible_files_by_name() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("inner/.hidden")).unwrap();
        fs::create_dir(at("empty")).unwrap();
        for file in ["b.png", "a.json", ".c.svg", "inner/d.jwt", "inner/.hidden/e.json"] {
            fs::write(at(file), "").unwrap();
        }
        std::os::unix::fs::symlink(root.path(), at("inner/circle")).unwrap();
        let all = [root.path().to_owned()];
        assert_eq!(names(&all, false), ["a.json", "b.png"]);
        assert_eq!(names(&all, true), ["a.json", "b.png", "d.jwt"]);
        let named = [at("b.png"), at("missing"), at("empty"), at(".c.svg")];
        assert_eq!(
            names(&named, false),
            ["!b.png", "!missing", "no file in this directory", "!.c.svg"]
        );
    }
}
