//! `GET /v1/badges`: the account's badges, page by page.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use domain::{BadgeState, ExternalId, IssuerId, KeyGrant, Position};
use proof::Timestamp;
use serde::Serialize;
use store::BadgeFilter;
use utoipa::ToSchema;

use super::status::BadgeStatus;
use crate::authentication::Read;
use crate::parameters::Parameters;
use crate::problem::Answer;
use crate::service::{Service, Shared};

/// A page of badges, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BadgePage {
    items: Vec<BadgeStatus>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The account's badges, oldest first. All conditions must hold.
#[utoipa::path(
    get, path = "/v1/badges", operation_id = "listBadges", tag = "badges", security(("key" = ["read"])),
    params(
        ("state" = Option<String>, Query,
            description = "`accepted`, `sealed`, `submitted`, `included` or `final`"),
        ("issuer" = Option<String>, Query, description = "A registered identifier or alias"),
        ("externalId" = Option<String>, Query),
        ("receivedAfter" = Option<String>, Query, description = "RFC 3339; inclusive"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 1,000; 100 by default"),
    ),
    responses((status = 200, body = BadgePage))
)]
pub(crate) async fn list(
    State(service): State<Shared>,
    Read(grant): Read,
    mut parameters: Parameters,
) -> Answer<impl IntoResponse> {
    let limits = &service.state.config.limits;
    let limit = parameters.page(limits.page, limits.page_max)?;
    let after = parameters.optional::<Position>("cursor")?;
    let state = parameters.read("state", state_by_name)?;
    let issuer = parameters.optional::<String>("issuer")?;
    let external_id = parameters.optional::<ExternalId>("externalId")?;
    let received_after = parameters.read("receivedAfter", Timestamp::parse_rfc3339)?;
    parameters.finish()?;

    let page = match issuers(&service, &grant, issuer).await? {
        None => BadgePage { items: Vec::new(), next: None },
        Some(issuers) => {
            let filter = BadgeFilter { issuers, state, external_id, received_after };
            let store = service.store();
            let mut records = store.badges(grant.account, &filter, after, limit + 1).await?;
            let more = records.len() > limit as usize;
            records.truncate(limit as usize);
            let last = records.last().map(|record| record.position.to_string());
            let items = records.iter().map(|record| BadgeStatus::of(&service, record));
            BadgePage { items: items.collect(), next: last.filter(|_| more) }
        }
    };
    Ok(([(CACHE_CONTROL, "no-store")], Json(page)))
}

/// Which issuers to list: those of the key, narrowed to the one asked for; `None` when that one
/// is not the key's, which is an empty page and tells nothing.
async fn issuers(
    service: &Service,
    grant: &KeyGrant,
    asked: Option<String>,
) -> Answer<Option<Vec<IssuerId>>> {
    let Some(name) = asked else { return Ok(Some(grant.issuers.clone())) };
    let all = service.store().issuers(Some(grant.account)).await?;
    let found = all.into_iter().find(|issuer| {
        grant.covers(issuer.id)
            && (issuer.identifier.as_str() == name || issuer.aliases.contains(&name))
    });
    Ok(found.map(|issuer| vec![issuer.id]))
}

fn state_by_name(name: &str) -> Result<BadgeState, &'static str> {
    let found = BadgeState::ALL.into_iter().find(|state| state.name() == name);
    found.ok_or("accepted, sealed, submitted, included or final")
}
