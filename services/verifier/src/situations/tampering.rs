//! Any one value of a proof document changed: never verified.

use proof::{ProofDocument, TrustFile};

use super::verified_badge::{Situation, reading};
use crate::{ChainReading, ReadingNeeded, Verdict, readings_needed};

/// The registry answers for the true commitment only.
fn honest_readings(document: &ProofDocument, trust: &TrustFile) -> Vec<ChainReading> {
    let truth = Situation::verified().document.computed().unwrap().commitment;
    let answer = |needed: ReadingNeeded| {
        let mut reading = reading(needed.chain_id, needed.registry);
        if needed.commitment != truth {
            reading.outcome.as_mut().unwrap().anchored = None;
        }
        reading
    };
    readings_needed(document, trust).into_iter().map(answer).collect()
}

/// Every text and number of the document is changed in turn, in every way that keeps its type.
#[test]
fn any_one_value_changed_is_never_verified() {
    let mut situation = Situation::verified();
    let deadline = situation.document.receipt.as_ref().map(|receipt| receipt.promise.deadline_at);
    situation.document.deadline_at = deadline;
    assert_eq!(situation.report().verdict, Verdict::Verified);
    let json: serde_json::Value = serde_json::from_str(&situation.document.to_json()).unwrap();
    let mut places = Vec::new();
    leaves(&json, String::new(), &mut places);
    assert!(places.len() > 25, "{places:?}");
    for place in &places {
        for changed in changes(json.pointer(place).unwrap()) {
            let mut json = json.clone();
            *json.pointer_mut(place).unwrap() = changed.clone();
            let Ok(document) = ProofDocument::parse(json.to_string().as_bytes()) else { continue };
            situation.readings = honest_readings(&document, &situation.trust);
            situation.document = document;
            let verdict = situation.report().verdict;
            assert_ne!(verdict, Verdict::Verified, "{place} = {changed}");
        }
    }
}

fn leaves(value: &serde_json::Value, at: String, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, format!("{at}/{name}"), places));
        }
        serde_json::Value::Array(values) => {
            let numbered = values.iter().enumerate();
            numbered.for_each(|(index, value)| leaves(value, format!("{at}/{index}"), places));
        }
        _ => places.push(at),
    }
}

fn changes(value: &serde_json::Value) -> Vec<serde_json::Value> {
    let text = match value {
        serde_json::Value::Number(number) => {
            let number = number.as_u64().unwrap();
            return vec![(number + 1).into(), number.wrapping_sub(1).into(), 0.into()]
                .into_iter()
                .filter(|changed| changed != value)
                .collect();
        }
        other => other.as_str().unwrap().to_owned(),
    };
    (0..text.len())
        .flat_map(|at| {
            let other = if text.as_bytes()[at] == b'1' { "2" } else { "1" };
            [format!("{}{other}{}", &text[..at], &text[at + 1..]), text[..at].to_owned()]
        })
        .map(serde_json::Value::from)
        .collect()
}
