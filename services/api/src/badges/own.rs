//! A badge that the caller may see.

use domain::{BadgeRecord, KeyGrant, Position};

use crate::problem::{Answer, Problem};
use crate::service::Service;

/// The badge of this id, when it belongs to the caller's account and the key covers its issuer;
/// anything else is the same 404.
pub(crate) async fn own_badge(
    service: &Service,
    grant: &KeyGrant,
    id: &str,
) -> Answer<BadgeRecord> {
    let position: Position = id.parse().map_err(|_| Problem::not_found())?;
    let record = service.store().badge(position).await?.ok_or_else(Problem::not_found)?;
    if record.account == grant.account && grant.covers(record.issuer) {
        Ok(record)
    } else {
        Err(Problem::not_found())
    }
}
