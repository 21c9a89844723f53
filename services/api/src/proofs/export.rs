//! `GET /v1/proofs/export`: all final proofs of an account, streamed.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::{BadgeState, ExternalId, KeyGrant, Position};
use futures::stream;
use proof::ProofDocument;
use serde::Serialize;
use store::BadgeFilter;

use super::document::{Documents, WithReceipt};
use crate::authentication::Read;
use crate::badges::bulk::NDJSON;
use crate::parameters::Parameters;
use crate::problem::{Answer, Problem, ProblemCode};
use crate::service::Shared;

/// Badges read and held at a time.
const PAGE: u32 = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    proof: &'a ProofDocument,
}

#[derive(Serialize)]
struct End {
    next: Option<String>,
}

/// Every final proof of the account.
///
/// NDJSON: a line `{id, externalId?, proof}` for each badge, by id, and at the end
/// `{"next": cursor}`. Without that line the stream was cut off; go on with the last `id` as
/// `cursor`. Later, `next` gives what has become final since, and may repeat some: it stays before
/// the first badge that was not final yet, so that none is missed.
#[utoipa::path(
    get, path = "/v1/proofs/export", operation_id = "exportProofs", tag = "proofs", security(("key" = ["read"])),
    params(("cursor" = Option<String>, Query)),
    responses((status = 200, body = String, content_type = "application/x-ndjson"))
)]
pub(crate) async fn export(
    State(service): State<Shared>,
    Read(grant): Read,
    mut parameters: Parameters,
) -> Answer<Response> {
    let cursor = parameters.optional::<Position>("cursor")?;
    parameters.finish()?;
    let first_open = first_open(&service, &grant).await?;
    let walk = Walk { service, grant, cursor, first_open, ended: false };
    let pages = stream::try_unfold(walk, |mut walk| async move {
        let page = walk.page().await.map_err(|problem| Broken(problem.code()))?;
        Ok::<_, Broken>(page.map(|page| (page, walk)))
    });
    let headers = [(CONTENT_TYPE, NDJSON), (CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// The status is sent by then: the stream just ends, without its last line.
#[derive(Debug, thiserror::Error)]
#[error("the export was broken off: {}", .0.as_str())]
struct Broken(ProblemCode);

struct Walk {
    service: Shared,
    grant: KeyGrant,
    cursor: Option<Position>,
    first_open: Option<Position>,
    ended: bool,
}

impl Walk {
    async fn page(&mut self) -> Answer<Option<Bytes>> {
        if self.ended {
            return Ok(None);
        }
        let filter = filter(&self.grant, BadgeState::Final);
        let store = self.service.store();
        let records = store.badges(self.grant.account, &filter, self.cursor, PAGE).await?;
        let mut text = Vec::new();
        let mut documents = Documents::new(&self.service);
        for record in &records {
            let proof = &documents.of(record, WithReceipt::Yes).await?;
            let external_id = record.external_id.as_ref().map(ExternalId::as_str);
            push(&mut text, &Row { id: record.position.to_string(), external_id, proof })?;
        }
        self.cursor = records.last().map(|record| record.position).or(self.cursor);
        if records.len() < PAGE as usize {
            self.ended = true;
            push(&mut text, &End { next: self.next().map(|position| position.to_string()) })?;
        }
        Ok(Some(text.into()))
    }

    /// From where a later export misses nothing.
    fn next(&self) -> Option<Position> {
        let before = |open: Position| Position::from_i64(open.as_i64() - 1);
        match (self.first_open, self.cursor) {
            (Some(open), Some(cursor)) => before(open).map(|open| open.min(cursor)),
            (Some(_), None) => None,
            (None, cursor) => cursor,
        }
    }
}

fn filter(grant: &KeyGrant, state: BadgeState) -> BadgeFilter {
    BadgeFilter { issuers: grant.issuers.clone(), state: Some(state), ..BadgeFilter::default() }
}

/// The first badge that is not final at the start.
async fn first_open(service: &Shared, grant: &KeyGrant) -> Answer<Option<Position>> {
    let mut first: Option<Position> = None;
    for state in BadgeState::ALL.into_iter().filter(|state| *state != BadgeState::Final) {
        let filter = filter(grant, state);
        let found = service.store().badges(grant.account, &filter, None, 1).await?;
        let found = found.first().map(|record| record.position);
        first = first.into_iter().chain(found).min();
    }
    Ok(first)
}

fn push(text: &mut Vec<u8>, row: &impl Serialize) -> Answer<()> {
    serde_json::to_writer(&mut *text, row)
        .map_err(|_| Problem::new(ProblemCode::Internal, "a proof could not be written"))?;
    text.push(b'\n');
    Ok(())
}
