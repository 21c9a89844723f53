//! Writing the answer of a bulk request.

use std::sync::Arc;

use domain::{Acceptance, Position, Stream};
use proof::{ChunkError, Hash, Promise, ReceiptKey};
use serde::Serialize;

use crate::bulk_format::{
    BulkBadge, BulkFooter, BulkHeader, BulkSignature, BulkStream, BulkWarning,
};
use crate::problem::Problem;

/// A line's outcome.
pub(super) enum Outcome {
    Accepted(Box<AcceptedLine>),
    Refused { line: u64, problem: Problem },
}

/// A badge that is durable.
pub(super) struct AcceptedLine {
    pub(super) position: Position,
    pub(super) acceptance: Acceptance,
    pub(super) promise: Promise,
    pub(super) promise_ms: i64,
    pub(super) proof_token: String,
    pub(super) warnings: Vec<badge::Warning>,
}

/// The whole answer; `stream` and the first accepted line make the header.
pub(super) fn write(
    stream: &Stream,
    key: &Arc<ReceiptKey>,
    outcomes: Vec<Outcome>,
) -> Result<Vec<u8>, ChunkError> {
    let accepted = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Accepted(line) => Some(line),
        Outcome::Refused { .. } => None,
    });
    let leaves: Vec<Hash> = accepted.clone().map(|line| line.promise.receipt_leaf()).collect();
    let first = accepted.map(|line| &line.promise).next();
    let header = BulkHeader {
        service: stream.service.clone(),
        chain_id: stream.chain_id,
        registry: stream.registry,
        promise_ms: stream.promise_ms,
        rule: first.map_or(proof::Rule::JcsSha256V1, |promise| promise.rule),
        issuer: first.map(|promise| promise.issuer.clone()),
    };
    let signed = if leaves.is_empty() {
        None
    } else {
        let chunk = key.sign_chunk(&leaves)?;
        let (root, key_id, signature) = (chunk.root, chunk.key_id, chunk.signature);
        Some(BulkSignature { root, key_id, signature })
    };
    let footer = BulkFooter { count: outcomes.len() as u64, size: leaves.len() as u64, signed };

    let mut text = Vec::with_capacity(512 * (outcomes.len() + 2));
    push(&mut text, &header);
    for outcome in outcomes {
        match outcome {
            Outcome::Accepted(line) => push(&mut text, &badge_line(&header, *line)),
            Outcome::Refused { line, problem } => push(&mut text, &problem.document(Some(line))),
        }
    }
    push(&mut text, &footer);
    Ok(text)
}

fn push(text: &mut Vec<u8>, line: &impl Serialize) {
    serde_json::to_writer(&mut *text, line).expect("texts and integers are JSON, a Vec takes all");
    text.push(b'\n');
}

fn badge_line(header: &BulkHeader, line: AcceptedLine) -> BulkBadge {
    let AcceptedLine { position, acceptance, promise, promise_ms, proof_token, warnings } = line;
    let same_stream = (promise.service == header.service)
        && (promise.chain_id, promise.registry) == (header.chain_id, header.registry)
        && promise_ms == header.promise_ms;
    let stream = BulkStream {
        service: promise.service,
        chain_id: promise.chain_id,
        registry: promise.registry,
        promise_ms,
    };
    let warning = |warning: &badge::Warning| BulkWarning {
        code: warning.as_str().to_owned(),
        place: warning.place().to_string(),
        detail: warning.detail().to_owned(),
    };
    BulkBadge {
        id: position.to_string(),
        digest: promise.digest,
        salt: promise.salt,
        received_at: promise.received_at,
        proof_token,
        window_started_at: promise.window_started_at,
        external_id: promise.external_id,
        repeat: acceptance == Acceptance::Known,
        issuer: Some(promise.issuer).filter(|issuer| header.issuer.as_ref() != Some(issuer)),
        rule: Some(promise.rule).filter(|rule| *rule != header.rule),
        stream: (!same_stream).then_some(stream),
        warnings: warnings.iter().map(warning).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk_format::{BulkAnswer, BulkFormatError, BulkLine};
    use crate::problem::ProblemCode;
    use domain::{StreamId, StreamKind};
    use proof::{Address, Entry, ReceiptKeyEntry, Rule, Timestamp, verify_receipt};

    fn stream(registry: u8) -> Stream {
        Stream {
            id: StreamId(1),
            chain_id: 1,
            registry: Address([registry; 20]),
            service: "https://anchor.example/".into(),
            kind: StreamKind::Anchor,
            shard: 0,
            promise_ms: 86_400_000,
        }
    }

    fn outcome(number: u8, registry: u8) -> Outcome {
        let stream = stream(registry);
        let issuer = if number.is_multiple_of(3) { "https://a.example/" } else { "did:web:b" };
        let rule = if number == 4 { Rule::Opaque } else { Rule::JcsSha256V1 };
        let received_at = Timestamp::from_millis(1_772_357_400_000 + i64::from(number)).unwrap();
        let window_started_at = (number == 5).then(|| received_at.plus_millis(-7));
        let issuer: proof::IssuerIdentifier = issuer.parse().unwrap();
        let (digest, salt) = (Hash([number; 32]), Hash([!number; 32]));
        let promise = Promise {
            leaf: Entry { rule, issuer: issuer.hash(), digest, salt }.leaf(),
            service: stream.service,
            issuer,
            rule,
            digest,
            salt,
            external_id: (number == 2).then(|| "수료-2".to_owned()),
            received_at,
            window_started_at,
            deadline_at: window_started_at.unwrap_or(received_at).plus_millis(stream.promise_ms),
            chain_id: 1,
            registry: stream.registry,
        };
        Outcome::Accepted(Box::new(AcceptedLine {
            position: Position::first_of(StreamId(1)).plus(number.into()),
            acceptance: Acceptance::New,
            promise,
            promise_ms: stream.promise_ms,
            proof_token: "t".into(),
            warnings: Vec::new(),
        }))
    }

    fn answer(outcomes: Vec<Outcome>) -> String {
        let key = Arc::new(ReceiptKey::from_seed([1; 32]));
        String::from_utf8(write(&stream(7), &key, outcomes).unwrap()).unwrap()
    }

    #[test]
    fn the_reader_makes_the_receipts_that_were_promised() {
        let mut outcomes: Vec<_> = (0..9).map(|number| outcome(number, 7)).collect();
        outcomes.push(outcome(9, 8));
        let promises: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Accepted(line) => Some(line.promise.clone()),
                Outcome::Refused { .. } => None,
            })
            .collect();
        let problem = Problem::new(ProblemCode::IssuerMissing, "none");
        outcomes.insert(4, Outcome::Refused { line: 5, problem });
        let read = BulkAnswer::parse(&answer(outcomes)).unwrap();
        assert!(matches!(&read.lines[4], BulkLine::Refused(problem) if problem.line == Some(5)));
        let receipts: Vec<_> = read.receipts().map(Result::unwrap).collect();
        let public = ReceiptKey::from_seed([1; 32]).public();
        let key = ReceiptKeyEntry::new(public, Timestamp::default());
        for (receipt, promise) in receipts.iter().zip(&promises) {
            assert_eq!(&receipt.promise, promise);
            verify_receipt(receipt, &key).unwrap();
        }
        assert_eq!(receipts.len(), promises.len());
    }

    #[test]
    fn an_altered_or_cut_answer_is_refused() {
        let text = answer((0..3).map(|number| outcome(number, 7)).collect());
        assert_eq!(BulkAnswer::parse(&text).unwrap().receipts().count(), 3);
        let altered = text.replacen("\"digest\":\"01", "\"digest\":\"02", 1);
        assert!(matches!(BulkAnswer::parse(&altered), Err(BulkFormatError::Root)));
        let rows: Vec<_> = text.lines().collect();
        let cut = [&rows[..2], &rows[3..]].concat().join("\n");
        assert!(matches!(BulkAnswer::parse(&cut), Err(BulkFormatError::Incomplete)));
        assert!(BulkAnswer::parse(&rows[..4].join("\n")).is_err());
        assert!(matches!(BulkAnswer::parse(""), Err(BulkFormatError::Incomplete)));
    }

    #[test]
    fn an_answer_without_accepted_lines_has_no_signature() {
        let problem = Problem::new(ProblemCode::IssuerMissing, "none");
        let read = BulkAnswer::parse(&answer(vec![Outcome::Refused { line: 1, problem }])).unwrap();
        assert_eq!((read.lines.len(), read.receipts().count()), (1, 0));
    }
}
