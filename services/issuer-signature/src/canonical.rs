//! RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation of 2024-05-21), with SHA-256 and a
//! budget.
//!
//! Ours, for want of a library that is both right and bounded: the algorithm's work grows with the
//! factorial of nodes that look alike, so a small hostile document can keep it busy for years
//! (section 7.1 of the specification). `sophia_c14n` bounds each step but not their number, `oxrdf`
//! nothing, and `rdf-canon` puts the tenth issued identifier before the second.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use oxrdf::NamedNodeRef;
use oxrdf::vocab::xsd;
use proof::Hash;

/// Steps that telling blank nodes apart may take, over all that is canonicalised of one badge: names
/// compared, hashed or copied. A record of 150 badges takes about 3,000.
pub(crate) const BUDGET: usize = 200_000;
/// Blank nodes that may lead to each other while telling one apart; bounds the stack.
const MAX_DEPTH: usize = 64;

/// A node of the graph, in N-Quads or, without a name, by number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    Known(String),
    Blank(usize),
}

/// A quad.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    pub(crate) subject: Term,
    /// In N-Quads.
    pub(crate) predicate: String,
    pub(crate) object: Term,
    pub(crate) graph: Option<Term>,
}

/// Numbers for the blank nodes of a document.
#[derive(Debug, Default)]
pub(crate) struct Blanks(HashMap<String, usize>);

impl Blanks {
    pub(crate) fn term(&mut self, name: &str) -> Term {
        let next = self.0.len();
        Term::Blank(*self.0.entry(name.to_owned()).or_insert(next))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A literal in canonical N-Quads (section 5 of RDF 1.2 N-Quads).
pub(crate) fn literal(value: &str, language: Option<&str>, datatype: NamedNodeRef<'_>) -> String {
    let mut text = String::from("\"");
    for char in value.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                write!(text, "\\u{:04X}", u32::from(char)).expect("a String takes every write");
            }
            other => text.push(other),
        }
    }
    text.push('"');
    if let Some(language) = language {
        text.push('@');
        text.push_str(language);
    } else if datatype != xsd::STRING {
        text.push_str("^^<");
        text.push_str(datatype.as_str());
        text.push('>');
    }
    text
}

/// The canonical form of a dataset of `blanks` blank nodes; `None` when the budget is used up, of
/// which the steps that it took are taken.
pub(crate) fn n_quads(
    statements: &BTreeSet<Statement>,
    blanks: usize,
    budget: &mut usize,
) -> Option<String> {
    let canonical = Canonicaliser::new(statements, blanks, budget).issue_all()?;
    let name = |blank| canonical.name(blank).expect("every blank node was issued an identifier");
    let mut lines: Vec<String> = statements.iter().map(|one| line(one, name)).collect();
    lines.sort_unstable();
    Some(lines.concat())
}

fn line(statement: &Statement, name: impl Fn(usize) -> String) -> String {
    let text = |term: &Term| match term {
        Term::Known(text) => text.clone(),
        Term::Blank(blank) => name(*blank),
    };
    let Statement { subject, predicate, object, graph } = statement;
    let graph = graph.as_ref().map(|graph| text(graph) + " ").unwrap_or_default();
    format!("{} {predicate} {} {graph}.\n", text(subject), text(object))
}

/// Gives out identifiers in order (section 4.5).
#[derive(Debug, Clone)]
struct Issuer {
    prefix: &'static str,
    numbers: HashMap<usize, usize>,
    order: Vec<usize>,
}

impl Issuer {
    fn new(prefix: &'static str) -> Self {
        Self { prefix, numbers: HashMap::new(), order: Vec::new() }
    }

    fn name(&self, blank: usize) -> Option<String> {
        self.numbers.get(&blank).map(|number| format!("_:{}{number}", self.prefix))
    }

    /// The identifier, and whether it is new.
    fn issue(&mut self, blank: usize) -> (String, bool) {
        let next = self.order.len();
        let number = *self.numbers.entry(blank).or_insert(next);
        if number == next {
            self.order.push(blank);
        }
        (format!("_:{}{number}", self.prefix), number == next)
    }
}

/// The state of section 4.2.
struct Canonicaliser<'s> {
    /// By blank node, the statements that mention it.
    mentions: Vec<Vec<&'s Statement>>,
    /// By blank node, its first-degree hash.
    first_degree: Vec<String>,
    canonical: Issuer,
    budget: &'s mut usize,
}

impl<'s> Canonicaliser<'s> {
    fn new(statements: &'s BTreeSet<Statement>, blanks: usize, budget: &'s mut usize) -> Self {
        let mut mentions = vec![Vec::new(); blanks];
        for statement in statements {
            let mentioned: BTreeSet<usize> = blanks_of(statement).map(|(blank, _)| blank).collect();
            mentioned.into_iter().for_each(|blank| mentions[blank].push(statement));
        }
        let first_degree =
            (0..blanks).map(|blank| first_degree_hash(blank, &mentions[blank])).collect();
        Self { mentions, first_degree, canonical: Issuer::new("c14n"), budget }
    }

    /// Section 4.4.3.
    fn issue_all(mut self) -> Option<Issuer> {
        let mut alike = BTreeMap::<&str, Vec<usize>>::new();
        for (blank, hash) in self.first_degree.iter().enumerate() {
            alike.entry(hash).or_default().push(blank);
        }
        for unique in alike.values().filter(|blanks| blanks.len() == 1) {
            self.canonical.issue(unique[0]);
        }
        let groups: Vec<Vec<usize>> = alike.into_values().filter(|one| one.len() > 1).collect();
        for group in groups {
            let mut paths = Vec::new();
            for blank in group {
                if self.canonical.name(blank).is_some() {
                    continue;
                }
                let mut issuer = Issuer::new("b");
                issuer.issue(blank);
                paths.push(self.n_degree(blank, issuer, 0)?);
            }
            paths.sort_by(|(one, _), (other, _)| one.cmp(other));
            for blank in paths.into_iter().flat_map(|(_, issuer)| issuer.order) {
                self.canonical.issue(blank);
            }
        }
        Some(self.canonical)
    }

    fn spend(&mut self, steps: usize) -> Option<()> {
        *self.budget = self.budget.checked_sub(steps)?;
        Some(())
    }

    /// Section 4.8.3: a hash of the blank node by all that it leads to.
    fn n_degree(&mut self, blank: usize, issuer: Issuer, depth: usize) -> Option<(String, Issuer)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut issuer = issuer;
        let mut related = BTreeMap::<String, Vec<usize>>::new();
        for statement in self.mentions[blank].clone() {
            self.spend(1)?;
            for (other, position) in blanks_of(statement).filter(|(other, _)| *other != blank) {
                self.spend(1)?;
                let hash = self.related_hash(other, statement, &issuer, position);
                related.entry(hash).or_default().push(other);
            }
        }
        let mut data = String::new();
        for (hash, mut others) in related {
            data.push_str(&hash);
            let (path, chosen) = self.shortest_path(&mut others, &issuer, depth)?;
            data.push_str(&path);
            issuer = chosen;
        }
        Some((Hash::of(&[data.as_bytes()]).to_string(), issuer))
    }

    /// Step 5.4: over all orders of blank nodes that look alike from here.
    fn shortest_path(
        &mut self,
        others: &mut [usize],
        issuer: &Issuer,
        depth: usize,
    ) -> Option<(String, Issuer)> {
        others.sort_unstable();
        let mut best: Option<(String, Issuer)> = None;
        loop {
            self.spend(others.len() + issuer.order.len())?;
            let rest = best.as_ref().map(|(path, _)| path.as_str());
            if let Some(found) = self.path(others, issuer.clone(), rest, depth)? {
                best = Some(found);
            }
            if !next_permutation(others) {
                return best;
            }
        }
    }

    /// The path of one order, if it beats `best`.
    #[expect(clippy::option_option, reason = "the budget is used up, or this order is no better")]
    fn path(
        &mut self,
        others: &[usize],
        mut issuer: Issuer,
        best: Option<&str>,
        depth: usize,
    ) -> Option<Option<(String, Issuer)>> {
        let loses = |path: &str| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut path = String::new();
        let mut unvisited = Vec::new();
        for other in others {
            if let Some(name) = self.canonical.name(*other) {
                path.push_str(&name);
            } else {
                let (name, is_new) = issuer.issue(*other);
                path.push_str(&name);
                if is_new {
                    unvisited.push(*other);
                }
            }
            if loses(&path) {
                return Some(None);
            }
        }
        for other in unvisited {
            let (hash, deeper) = self.n_degree(other, issuer.clone(), depth + 1)?;
            let (name, _) = issuer.issue(other);
            write!(path, "{name}<{hash}>").expect("a String takes every write");
            issuer = deeper;
            if loses(&path) {
                return Some(None);
            }
        }
        let wins = best.is_none_or(|best| path.as_str() < best);
        Some(wins.then_some((path, issuer)))
    }

    /// Section 4.7.3.
    fn related_hash(
        &self,
        other: usize,
        statement: &Statement,
        issuer: &Issuer,
        position: &str,
    ) -> String {
        let predicate = if position == "g" { "" } else { statement.predicate.as_str() };
        let name = self.canonical.name(other).or_else(|| issuer.name(other));
        let name = name.as_ref().unwrap_or(&self.first_degree[other]);
        Hash::of(&[position.as_bytes(), predicate.as_bytes(), name.as_bytes()]).to_string()
    }
}

/// The blank nodes of a statement, and where they stand.
fn blanks_of(statement: &Statement) -> impl Iterator<Item = (usize, &'static str)> {
    let terms = [
        (Some(&statement.subject), "s"),
        (Some(&statement.object), "o"),
        (statement.graph.as_ref(), "g"),
    ];
    terms.into_iter().filter_map(|(term, position)| match term {
        Some(Term::Blank(blank)) => Some((*blank, position)),
        _ => None,
    })
}

/// Section 4.6.3: a hash of the blank node by the statements that mention it.
fn first_degree_hash(blank: usize, mentions: &[&Statement]) -> String {
    let name = |other| if other == blank { "_:a".to_owned() } else { "_:z".to_owned() };
    let mut lines: Vec<String> = mentions.iter().map(|one| line(one, name)).collect();
    lines.sort_unstable();
    Hash::of(&[lines.concat().as_bytes()]).to_string()
}

/// The next order of the numbers; `false` after the last.
fn next_permutation(numbers: &mut [usize]) -> bool {
    let Some(falls) = numbers.windows(2).rposition(|pair| pair[0] < pair[1]) else { return false };
    let greater = numbers.iter().rposition(|number| *number > numbers[falls]);
    numbers.swap(falls, greater.expect("the number after the fall is greater"));
    numbers[falls + 1..].reverse();
    true
}
