//! `FORMAT.md` says what the code does: each example is computed again and compared.

use std::path::Path;

use crate::{examples, token_examples};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The fenced blocks by name, and the lines outside of all.
struct Parsed {
    blocks: Vec<(String, String)>,
    prose: String,
}

fn parse(markdown: &str) -> Parsed {
    let mut parsed = Parsed { blocks: Vec::new(), prose: String::new() };
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let name = info.split_whitespace().nth(1).unwrap_or_default().to_owned();
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            parsed.blocks.push((name, body.join("\n")));
        } else {
            parsed.prose.push_str(line);
            parsed.prose.push('\n');
        }
    }
    parsed
}

/// What is wrong with a text of `FORMAT.md`, if anything.
fn fault(markdown: &str, expected: &[(&str, String)]) -> Option<String> {
    let parsed = parse(markdown);
    let names: Vec<&str> = parsed.blocks.iter().map(|(name, _)| name.as_str()).collect();
    let wanted: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    if names != wanted {
        return Some(format!("the blocks are {names:?}, expected {wanted:?}"));
    }
    for ((name, found), (_, computed)) in parsed.blocks.iter().zip(expected) {
        if found != computed {
            return Some(format!("block {name} must read:\n{computed}"));
        }
    }
    // every byte in hexadecimal stands in a block, so that none escapes the comparison
    let prose = parsed.prose.as_bytes();
    let hex_in_prose = prose.windows(3).any(|w| w[..2] == *b"0x" && w[2].is_ascii_hexdigit())
        || parsed
            .prose
            .split(|c: char| !c.is_ascii_hexdigit())
            .any(|run| run.len() >= 8 && run.bytes().any(|b| b.is_ascii_digit()));
    hex_in_prose.then(|| "prose has bytes in hexadecimal; put them into a block".to_owned())
}

#[test]
fn every_example_is_what_the_code_computes() {
    if let Some(fault) = fault(&read("FORMAT.md"), &examples::blocks()) {
        panic!("{fault}");
    }
}

/// The test above would notice one changed digit, wherever in the examples it is.
#[test]
fn no_digit_can_change_unnoticed() {
    let markdown = read("FORMAT.md");
    let expected = examples::blocks();
    assert_eq!(fault(&markdown, &expected), None);
    let mut inside = false;
    let mut start = 0;
    let mut digits = 0;
    for line in markdown.split_inclusive('\n') {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside {
            for (at, digit) in line.bytes().enumerate().filter(|(_, b)| b.is_ascii_hexdigit()) {
                let mut changed = markdown.clone().into_bytes();
                changed[start + at] = if digit == b'0' { b'1' } else { b'0' };
                let changed = String::from_utf8(changed).unwrap();
                assert!(fault(&changed, &expected).is_some(), "{line}, column {at}");
                digits += 1;
            }
        }
        start += line.len();
    }
    assert!(digits > 5000, "only {digits} digits in examples");
}

/// Functions of a contract's committed interface, with what they answer.
fn functions(contract: &str) -> Vec<(String, String)> {
    let path = format!("../../contracts/abi/{contract}.json");
    let artifact: serde_json::Value = serde_json::from_str(&read(&path)).unwrap();
    let types = |list: &serde_json::Value| {
        let types: Vec<String> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|parameter| parameter["type"].as_str().unwrap().to_owned())
            .collect();
        types.join(",")
    };
    artifact["abi"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "function")
        .map(|item| {
            let name = item["name"].as_str().unwrap();
            (format!("{name}({})", types(&item["inputs"])), types(&item["outputs"]))
        })
        .collect()
}

/// The functions named in `FORMAT.md` are those of the committed interfaces.
#[test]
fn the_contracts_have_the_functions_that_are_called() {
    let registry = examples::FUNCTIONS.iter().zip(["address,uint64,uint64", "bool", "bool"]);
    let collection =
        || token_examples::FUNCTIONS.iter().zip(["bytes32", "address", "bool", "bool"]);
    for (contract, called) in [
        ("AnchorRegistry", registry.collect::<Vec<_>>()),
        ("BadgeToken", collection().collect()),
        ("BadgeTokenStorage", collection().collect()),
    ] {
        let functions = functions(contract);
        for (function, answer) in called {
            let expected = ((*function).to_owned(), answer.to_owned());
            assert!(functions.contains(&expected), "{contract}.{function}");
        }
    }
}
