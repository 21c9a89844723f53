//! Canonical forms against those of npm `jsonld` and `rdf-canonize`, by the editors of the
//! specifications; their hashes are in `tests/vectors`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use badge::json;
use proof::Hash;

use crate::Code;
use crate::canonical::{self, Blanks, Statement, Term};
use crate::data_integrity::without;
use crate::linked_data::Limits;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/badges");

fn canonical_of(file: &str) -> Result<String, Code> {
    let folder = if file.starts_with("linked-data/") { OWN } else { SHARED };
    let bytes = fs::read(Path::new(folder).join(file)).unwrap();
    let document = without(&json::parse(&bytes).unwrap(), "proof");
    Limits::default().canonical(&document).map(|canonical| canonical.text)
}

#[test]
fn documents_have_the_canonical_form_of_another_implementation() {
    let table = fs::read_to_string(format!("{OWN}/canonical-sha256.tsv")).unwrap();
    let mut compared = 0;
    for row in table.lines().skip(1) {
        let (file, expected) = row.split_once('\t').unwrap();
        match canonical_of(file) {
            Ok(text) => {
                assert_eq!(Hash::of(&[text.as_bytes()]).to_string(), expected, "{file}\n{text}");
                compared += 1;
            }
            // what the other refuses, or what badges do not need
            Err(code) if expected == "-" => assert_ne!(code, Code::TooComplex, "{file}"),
            Err(Code::InlineContext) => assert!(file.starts_with("vc-json/"), "{file}"),
            Err(code) => panic!("{file}: {code}"),
        }
    }
    assert_eq!(compared, 55);
}

/// N-Quads without white space inside terms.
fn dataset(text: &str) -> (BTreeSet<Statement>, usize) {
    let mut blanks = Blanks::default();
    let mut term = |text: &str| match text.strip_prefix("_:") {
        Some(name) => blanks.term(name),
        None => Term::Known(text.to_owned()),
    };
    let statements = text
        .lines()
        .map(|line| {
            let terms: Vec<&str> = line.strip_suffix(" .").unwrap().split(' ').collect();
            Statement {
                subject: term(terms[0]),
                predicate: terms[1].to_owned(),
                object: term(terms[2]),
                graph: terms.get(3).map(|graph| term(graph)),
            }
        })
        .collect();
    (statements, blanks.len())
}

#[test]
fn graphs_of_nodes_that_look_alike_too() {
    let text = fs::read_to_string(format!("{OWN}/canonical-graphs.txt")).unwrap();
    let mut compared = 0;
    for block in text.split("\n\n").skip(1) {
        let (expected, graph) = block.split_once('\n').unwrap();
        let (statements, blanks) = dataset(graph.trim_end());
        let canonical = n_quads(&statements, blanks).unwrap();
        let hash = Hash::of(&[canonical.as_bytes()]).to_string();
        assert_eq!(hash, expected, "{graph}\n{canonical}");
        compared += 1;
    }
    assert_eq!(compared, 80);
}

fn n_quads(statements: &BTreeSet<Statement>, blanks: usize) -> Option<String> {
    canonical::n_quads(statements, blanks, &mut { canonical::BUDGET })
}

/// Every blank node leads to every other, and nothing tells them apart.
fn clique(size: usize) -> (BTreeSet<Statement>, usize) {
    let pairs = (0..size).flat_map(|from| (0..size).map(move |to| (from, to)));
    let lines: Vec<String> = pairs
        .filter(|(from, to)| from != to)
        .map(|(from, to)| format!("_:b{from} <p:0> _:b{to} ."))
        .collect();
    dataset(&lines.join("\n"))
}

#[test]
fn graphs_made_to_exhaust_are_given_up() {
    let (statements, blanks) = clique(4);
    assert!(n_quads(&statements, blanks).is_some());
    for size in [12, 100] {
        let (statements, blanks) = clique(size);
        assert_eq!(n_quads(&statements, blanks), None, "{size}");
    }
    // two chains, too long to tell their ends apart
    let line = |chain: &str, at: usize| format!("_:{chain}{at} <p:0> _:{chain}{} .", at + 1);
    let lines: Vec<String> = (0..5000).flat_map(|at| [line("a", at), line("b", at)]).collect();
    let (statements, blanks) = dataset(&lines.join("\n"));
    assert_eq!(n_quads(&statements, blanks), None);
    // one node with many that look alike
    let lines: Vec<String> = (0..5000).map(|at| format!("_:a <p:0> _:b{at} .")).collect();
    let (statements, blanks) = dataset(&lines.join("\n"));
    assert!(n_quads(&statements, blanks).is_some());
}

#[test]
fn one_budget_holds_for_all_graphs_of_a_badge() {
    let (statements, blanks) = clique(4);
    let mut budget = canonical::BUDGET;
    assert!(canonical::n_quads(&statements, blanks, &mut budget).is_some());
    let mut rest = canonical::BUDGET - budget;
    assert!(rest > 0);
    assert!(canonical::n_quads(&statements, blanks, &mut rest).is_some());
    assert_eq!((rest, canonical::n_quads(&statements, blanks, &mut rest)), (0, None));
}
