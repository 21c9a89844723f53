//! What calls that change one of the caller's badges have in common.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use domain::{BadgeRecord, KeyGrant};
use serde::Serialize;
use store::{Claim, Deed};

use super::own::own_badge;
use crate::authentication::Ingest;
use crate::body;
use crate::idempotency::{NamedRequest, Run, done_before};
use crate::members::Members;
use crate::parameters::Named;
use crate::problem::{Answer, Problem};
use crate::service::{Service, Shared};

/// A request to change the badge that its path names, by a caller who may change badges.
pub(crate) struct ChangeRequest {
    grant: KeyGrant,
    id: String,
    request: NamedRequest,
    body: Bytes,
}

impl FromRequest<Shared> for ChangeRequest {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Shared) -> Answer<Self> {
        let (mut parts, body) = request.into_parts();
        let Ingest(grant) = Ingest::from_request_parts(&mut parts, service).await?;
        let Named(id) = Named::from_request_parts(&mut parts, service).await?;
        let request = NamedRequest::from_request_parts(&mut parts, service).await?;
        let limit = service.state.config.limits.body_bytes;
        let body = body::read(&parts.headers, body, limit).await?;
        Ok(Self { grant, id, request, body })
    }
}

/// A change to a badge that is the caller's.
pub(super) struct Change<'a> {
    pub(super) badge: BadgeRecord,
    /// What the request did when it came before, by its key.
    pub(super) done: Option<Deed>,
    /// Its key, if it has one.
    pub(super) claim: Option<Claim>,
    _run: Option<Run<'a>>,
}

impl ChangeRequest {
    /// Takes all members of the body's JSON.
    pub(super) fn read<T>(&self, take: impl FnOnce(&mut Members<'_>) -> Answer<T>) -> Answer<T> {
        let mut members = Members::parse(&self.body)?;
        let taken = take(&mut members)?;
        members.finish()?;
        Ok(taken)
    }

    /// Finds the badge, and whether the change was made before.
    pub(super) async fn begin<'a>(&self, service: &'a Service) -> Answer<Change<'a>> {
        let badge = own_badge(service, &self.grant, &self.id).await?;
        let claim = self.request.claim(self.grant.account, &self.body, service.now());
        let run = claim.as_ref().map(|claim| service.running.begin(claim)).transpose()?;
        let done = match &claim {
            Some(claim) => done_before(service, claim).await?,
            None => None,
        };
        Ok(Change { badge, done, claim, _run: run })
    }

    /// The badge's id, as the path has it.
    pub(super) fn id(self) -> String {
        self.id
    }
}

/// 202 for a change that is on its way, 200 for one that was there.
pub(super) fn answer(is_new: bool, body: impl Serialize) -> Response {
    let status = if is_new { StatusCode::ACCEPTED } else { StatusCode::OK };
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
