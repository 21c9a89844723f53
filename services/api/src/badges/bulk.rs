//! `POST /v1/badges/bulk`: many badges in one request, one signature over all promises.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::{Accepted, KeyGrant};

use super::admission::{Admitted, admit, promise};
use super::bulk_answer::{AcceptedLine, Outcome, write};
use super::submission::{Defaults, Posted};
use super::submit::count;
use crate::authentication::Ingest;
use crate::blocking::off_the_runtime;
use crate::body;
use crate::members::Members;
use crate::problem::{Answer, Problem, ProblemCode, ProblemDocument};
use crate::service::Shared;

pub(crate) const NDJSON: &str = "application/x-ndjson";

/// A line of the request, counted from 1.
struct Line<T> {
    number: u64,
    value: Answer<T>,
}

/// Submit up to 10,000 badges.
///
/// One submission a line, each as for a single one. The first line may be
/// `{"header": {"issuer": …, "windowStartedAt": …}}`, which holds for all lines without such
/// members. Empty lines are skipped. The answer is NDJSON, given after all accepted lines are
/// durable: a header line (`service`, `chainId`, `registry`, `promiseMs`, `rule`, `issuer`); for
/// each line, in order, `{id, digest, salt, receivedAt, proofToken, …}` or a problem document with
/// its `line`; a footer `{count, size, root, keyId, signature}`. One bad line spoils only itself.
/// An answer without footer was cut off: repeat the request, it is safe. An `Idempotency-Key` is not
/// looked at here: each line is known again by its own badge, and what a first request left undone
/// the repeat does.
#[utoipa::path(
    post, path = "/v1/badges/bulk", operation_id = "submitBadges", tag = "badges", security(("key" = ["ingest"])),
    request_body(content = String, content_type = "application/x-ndjson",
        example = json!("{\"header\":{\"issuer\":\"https://hanbit.ac.kr/\"}}\n{\"digest\":\"…\",\"rule\":\"opaque\"}\n")),
    responses(
        (status = 200, body = String, content_type = "application/x-ndjson",
            description = "Header, one line for each submission, footer"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json",
            description = "`body_too_large` or `too_many_lines`; nothing was stored"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json",
            description = "`intake_busy` or `unavailable`: repeat the request"),
    )
)]
pub(crate) async fn bulk(
    State(service): State<Shared>,
    Ingest(grant): Ingest,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let limits = &service.state.config.limits;
    let bytes = body::read(&headers, body, limits.bulk_bytes).await?;
    // held until the answer is written; a client that sends slowly holds none
    let _place = service.bulk_places.try_acquire().map_err(|_| {
        let detail = "too many bulk requests at once";
        Problem::new(ProblemCode::IntakeBusy, detail).retry_after(1)
    })?;
    let (max_lines, max_line_bytes) = (limits.bulk_lines, limits.image_body_bytes);
    let posted = off_the_runtime(move || read(&bytes, max_lines, max_line_bytes)).await??;
    let admitted = admit_all(&service, &grant, posted).await?;
    let accepted = commit(&service, &admitted).await?;
    // durable from here on
    let outcomes = outcomes(&service, admitted, accepted).await;
    let (stream, key) = (service.state.stream.clone(), Arc::clone(&service.state.receipt_key));
    let text = off_the_runtime(move || write(&stream, &key, outcomes)).await?;
    let text = text.map_err(|error| {
        tracing::error!(%error, "a bulk answer could not be signed");
        Problem::new(ProblemCode::Internal, "the answer could not be signed; repeat the request")
    })?;
    Ok(([(CONTENT_TYPE, NDJSON), (CACHE_CONTROL, "no-store")], text).into_response())
}

fn read(bytes: &Bytes, max_lines: usize, max_line_bytes: usize) -> Answer<Vec<Line<Posted>>> {
    let rows = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut rows = (1_u64..).zip(rows).filter(|(_, row)| !row.is_empty()).peekable();
    let mut defaults = Defaults::default();
    if let Some((_, first)) = rows.peek()
        && let Some(header) = header(first)?
    {
        defaults = header;
        rows.next();
    }
    let mut lines = Vec::new();
    for (number, row) in rows {
        if lines.len() == max_lines {
            let detail = format!("a bulk request has at most {max_lines} submissions");
            return Err(Problem::new(ProblemCode::TooManyLines, detail));
        }
        let value = if row.len() > max_line_bytes {
            let detail = format!("a submission has at most {max_line_bytes} bytes");
            Err(Problem::new(ProblemCode::BodyTooLarge, detail))
        } else {
            Posted::read(row, &defaults)
        };
        lines.push(Line { number, value });
    }
    Ok(lines)
}

/// The header, if the first line is one; a wrong header spoils the request, since it would have
/// held for all lines.
fn header(first: &[u8]) -> Answer<Option<Defaults>> {
    let Ok(mut members) = Members::parse(first) else { return Ok(None) };
    let Some(header) = members.raw("header") else { return Ok(None) };
    members.finish()?;
    let mut header = Members::parse(header)?;
    let defaults = Defaults::take(&mut header)?;
    header.finish()?;
    Ok(Some(defaults))
}

struct Candidate {
    admitted: Admitted,
    warnings: Vec<badge::Warning>,
}

async fn admit_all(
    service: &Shared,
    grant: &KeyGrant,
    posted: Vec<Line<Posted>>,
) -> Answer<Vec<Line<Candidate>>> {
    let closed = service.gate.refusal(service).await?;
    // the database is asked once for a name that is not registered, not once a line
    let mut unregistered: HashMap<Vec<String>, Problem> = HashMap::new();
    let mut lines = Vec::with_capacity(posted.len());
    for Line { number, value } in posted {
        let value = match value {
            Err(problem) => Err(problem),
            Ok(posted) => match unregistered.get(&posted.issuers) {
                Some(problem) => Err(problem.clone()),
                None => candidate(service, grant, posted, closed.as_ref(), &mut unregistered).await,
            },
        };
        lines.push(Line { number, value });
    }
    Ok(lines)
}

async fn candidate(
    service: &Shared,
    grant: &KeyGrant,
    posted: Posted,
    closed: Option<&Problem>,
    unregistered: &mut HashMap<Vec<String>, Problem>,
) -> Answer<Candidate> {
    match admit(service, grant, &posted, closed).await {
        Ok(admitted) => Ok(Candidate { admitted, warnings: posted.warnings }),
        Err(problem) => {
            if problem.code() == ProblemCode::IssuerNotRegistered {
                unregistered.insert(posted.issuers, problem.clone());
            }
            Err(problem)
        }
    }
}

/// Stores what is new. A crash or an error midway leaves a part stored, which a repeat finds.
async fn commit(service: &Shared, lines: &[Line<Candidate>]) -> Answer<Vec<Accepted>> {
    let new = lines.iter().filter_map(|line| line.value.as_ref().ok());
    let new = new.map(|candidate| &candidate.admitted).filter(|admitted| admitted.known.is_none());
    let submissions = new.map(|admitted| admitted.submission.clone()).collect();
    Ok(service.state.committer.submit_bulk(submissions).await?)
}

async fn outcomes(
    service: &Shared,
    lines: Vec<Line<Candidate>>,
    accepted: Vec<Accepted>,
) -> Vec<Outcome> {
    let mut accepted = accepted.into_iter();
    let mut outcomes = Vec::with_capacity(lines.len());
    for Line { number, value } in lines {
        let outcome = match value {
            Err(problem) => Err(problem),
            Ok(candidate) => conclude(service, candidate, &mut accepted).await,
        };
        outcomes.push(match outcome {
            Ok(line) => Outcome::Accepted(Box::new(line)),
            Err(problem) => Outcome::Refused { line: number, problem },
        });
    }
    for outcome in &outcomes {
        if let Outcome::Accepted(line) = outcome {
            count(line.acceptance);
        }
    }
    outcomes
}

async fn conclude(
    service: &Shared,
    candidate: Candidate,
    accepted: &mut impl Iterator<Item = Accepted>,
) -> Answer<AcceptedLine> {
    let Candidate { admitted, warnings } = candidate;
    let accepted = match admitted.known.clone() {
        Some(known) => known,
        None => accepted
            .next()
            .ok_or_else(|| Problem::corrupt("fewer answers of a commit than submissions"))?,
    };
    let promise = promise(service, &admitted, &accepted).await?;
    let stream = service.streams.get(service, accepted.position.stream()).await?;
    Ok(AcceptedLine {
        position: accepted.position,
        acceptance: accepted.acceptance,
        promise,
        promise_ms: stream.promise_ms,
        proof_token: service.state.token_secret.token(accepted.position),
        warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<(u64, &'static str)>, &'static str> {
        let lines = read(&Bytes::copy_from_slice(text.as_bytes()), 3, 200)
            .map_err(|problem| problem.code().as_str())?;
        let outcome = |line: Line<Posted>| {
            (line.number, line.value.map_or_else(|why| why.code().as_str(), |_| "fine"))
        };
        Ok(lines.into_iter().map(outcome).collect())
    }

    #[test]
    fn a_header_holds_for_all_and_a_bad_line_for_itself() {
        let header = r#"{"header":{"issuer":"https://a.example/"}}"#;
        let good = format!(r#"{{"digest":"{}","rule":"opaque"}}"#, "ab".repeat(32));
        let text = format!("{header}\n{good}\r\n\n{{}}\n{good}");
        assert_eq!(read_text(&text), Ok(vec![(2, "fine"), (4, "missing_member"), (5, "fine")]));
        assert_eq!(read_text(&good), Ok(vec![(1, "issuer_missing")]));
        assert_eq!(read_text(&format!("{text}\n{good}")), Err("too_many_lines"));
        assert_eq!(read_text(r#"{"header":{"rule":"opaque"}}"#), Err("unknown_member"));
        assert_eq!(read_text(&format!("{header}\n{header}")), Ok(vec![(2, "unknown_member")]));
        let long = format!(r#"{{"digest":"{}"}}"#, "ab".repeat(100));
        assert_eq!(read_text(&long), Ok(vec![(1, "body_too_large")]));
        assert_eq!(read_text(""), Ok(Vec::new()));
    }
}
