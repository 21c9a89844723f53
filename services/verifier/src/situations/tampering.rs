//! Any one value of a proof document changed: never verified.

use proof::{ProofDocument, TrustFile};

use super::minted_badge::honest;
use super::verified_badge::{Situation, reading};
use crate::{ReadingNeeded, Readings, TokenStatus, Verdict, readings_needed};

/// Registry and collection answer for the true commitments only.
fn honest_readings(document: &ProofDocument, trust: &TrustFile) -> Readings {
    let minted = Situation::minted().document;
    let truth = minted.computed().unwrap().commitment;
    let answer = |needed: ReadingNeeded| {
        let mut reading = reading(needed.chain_id, needed.registry);
        if needed.commitment != truth {
            reading.outcome.as_mut().unwrap().anchored = None;
        }
        reading
    };
    let batch = minted.computed_token().unwrap().unwrap().commitment;
    Readings {
        anchors: readings_needed(document, trust).anchors.into_iter().map(answer).collect(),
        token: honest(document, trust, batch),
    }
}

/// Every text and number of the document is changed in turn, in every way that keeps its type. A
/// hint alone is no claim: the true one is told beside it.
#[test]
fn any_one_value_changed_is_never_verified() {
    let mut situation = Situation::minted();
    let deadline = situation.document.receipt.as_ref().map(|receipt| receipt.promise.deadline_at);
    situation.document.deadline_at = deadline;
    assert_eq!(situation.report().verdict, Verdict::Verified);
    let json: serde_json::Value = serde_json::from_str(&situation.document.to_json()).unwrap();
    let mut places = Vec::new();
    leaves(&json, String::new(), &mut places);
    assert!(places.len() > 33, "{places:?}");
    for place in &places {
        for changed in changes(json.pointer(place).unwrap()) {
            let mut json = json.clone();
            *json.pointer_mut(place).unwrap() = changed.clone();
            let Ok(document) = ProofDocument::parse(json.to_string().as_bytes()) else { continue };
            situation.readings = honest_readings(&document, &situation.trust);
            situation.document = document;
            let report = situation.report();
            if place == "/token/owner" {
                let token = report.token.unwrap();
                assert_eq!(token.status, TokenStatus::Held, "{changed}");
                assert_eq!(token.stale_hints, ["owner"], "{changed}");
            } else {
                assert_ne!(report.verdict, Verdict::Verified, "{place} = {changed}");
            }
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
