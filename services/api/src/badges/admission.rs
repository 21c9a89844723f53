//! Whether a posted badge may be promised to anybody now.

use std::sync::Arc;

use domain::{Acceptance, Accepted, Issuer, KeyGrant, Recipient, Submission, Window, WindowError};
use proof::{Promise, Timestamp};

use super::submission::Posted;
use crate::collections::no_collection;
use crate::problem::{Answer, Problem, ProblemCode};
use crate::receipts::Facts;
use crate::service::Service;

/// A submission that may be answered with a promise.
pub(crate) struct Admitted {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) submission: Submission,
    /// Set for a badge that is stored already and must not be stored anew: its lead is gone by,
    /// intake is closed, or there is no collection for its token here any more. Its promise stands
    /// all the same.
    pub(crate) known: Option<Accepted>,
}

/// Resolves the issuer, opens the window and draws the salt. `closed` is why no new badge may be
/// taken.
pub(crate) async fn admit(
    service: &Service,
    grant: &KeyGrant,
    posted: &Posted,
    closed: Option<&Problem>,
) -> Answer<Admitted> {
    let issuer = service.issuers.resolve(service, grant, &posted.issuers).await?;
    let now = service.now();
    // a platform's clock may run a little ahead of ours; a badge is never received before its
    // window started
    let accepted_at = now.max(posted.window_started_at.unwrap_or(now));
    let state = &service.state;
    let submission = Submission {
        issuer: issuer.id,
        rule: posted.rule,
        digest: posted.digest,
        id_tag: posted
            .read
            .as_ref()
            .and_then(|read| state.token_secret.id_tag(read.id.as_deref()?)),
        salt: state.entropy.salt(),
        accepted_at,
        window_started_at: posted.window_started_at,
        external_id: posted.external_id.clone(),
        public_lookup: posted.public_lookup,
        recipient: posted.recipient.map(|owner| Recipient { owner, salt: state.entropy.salt() }),
        metadata: posted.metadata.clone(),
    };
    let refusal = match window(service, now, posted.window_started_at) {
        Err(problem) if problem.code() == ProblemCode::WindowInFuture => return Err(problem),
        Err(problem) => Some(problem),
        Ok(()) => closed.cloned(),
    };
    let refusal = match (refusal, &submission.recipient) {
        (None, Some(_)) if !service.collections.serve(service, issuer.id).await? => {
            Some(no_collection())
        }
        (refusal, _) => refusal,
    };
    let known = match refusal {
        None => None,
        Some(problem) => Some(stored(service, &submission).await?.ok_or(problem)?),
    };
    Ok(Admitted { issuer, submission, known })
}

fn window(service: &Service, now: Timestamp, started_at: Option<Timestamp>) -> Answer<()> {
    let (promise_ms, min_lead_ms) =
        (service.state.stream.promise_ms, service.state.config.min_lead_ms);
    match Window::open(now, started_at, promise_ms, min_lead_ms) {
        Ok(_) => Ok(()),
        Err(why) => {
            let code = match why {
                WindowError::InFuture => ProblemCode::WindowInFuture,
                WindowError::Unkeepable { .. } => ProblemCode::DeadlineUnkeepable,
            };
            Err(Problem::new(code, why.to_string()).at("/windowStartedAt"))
        }
    }
}

/// The badge as stored earlier, if it was.
async fn stored(service: &Service, submission: &Submission) -> Answer<Option<Accepted>> {
    let records = service.store().badges_by_digest(submission.rule, submission.digest).await?;
    let own = records.into_iter().find(|record| record.issuer == submission.issuer);
    let Some(record) = own else { return Ok(None) };
    Ok(Some(Accepted {
        acceptance: Acceptance::Known,
        position: record.position,
        salt: record.salt,
        accepted_at: record.accepted_at,
        window_started_at: record.window_started_at,
        external_id: record.external_id,
        public_lookup: record.public_lookup,
        recipient: record.recipient,
        metadata: service.store().metadata(record.position).await?,
    }))
}

/// The promise of what is durable now.
///
/// # Errors
/// `already_accepted_differently`, when it was stored earlier with other options.
pub(crate) async fn promise(
    service: &Service,
    admitted: &Admitted,
    accepted: &Accepted,
) -> Answer<Promise> {
    let Admitted { issuer, submission, .. } = admitted;
    if !accepted.same_options(submission) {
        let detail = "windowStartedAt, externalId, publicLookup, recipient or metadata differ from the first \
             submission's";
        return Err(Problem::new(ProblemCode::AlreadyAcceptedDifferently, detail));
    }
    let stream = service.streams.get(service, accepted.position.stream()).await?;
    Ok(Facts::of_accepted(submission, accepted, &issuer.identifier, &stream).promise())
}
