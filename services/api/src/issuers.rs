//! Which registered issuer a name stands for.

use std::sync::Arc;

use domain::{AccountId, Issuer, KeyGrant};

use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::{ADMINISTRATION_MEMORY_MS, Recent};
use crate::service::Service;

const MAX_REMEMBERED_ACCOUNTS: usize = 10_000;

pub(crate) struct IssuerDirectory(Recent<AccountId, Arc<Vec<Arc<Issuer>>>>);

impl IssuerDirectory {
    pub(crate) fn new() -> Self {
        Self(Recent::new(ADMINISTRATION_MEMORY_MS, MAX_REMEMBERED_ACCOUNTS))
    }

    /// The one issuer of the caller's account that all of `names` stand for, by identifier or
    /// alias; enabled, and covered by the key.
    pub(crate) async fn resolve(
        &self,
        service: &Service,
        grant: &KeyGrant,
        names: &[String],
    ) -> Answer<Arc<Issuer>> {
        let now = service.now();
        if let Some(known) = self.0.get(&grant.account, now)
            && let Some(issuer) = find(&known, grant, names)
        {
            return Ok(issuer);
        }
        // registered a moment ago, perhaps
        let read = service.store().issuers(Some(grant.account)).await?;
        let known = Arc::new(read.into_iter().map(Arc::new).collect::<Vec<_>>());
        self.0.put(grant.account, Arc::clone(&known), now);
        find(&known, grant, names).ok_or_else(|| {
            let shown: String = names.join(", ").chars().take(600).collect();
            let detail = format!("{shown} is no enabled issuer of this account and key");
            Problem::new(ProblemCode::IssuerNotRegistered, detail)
        })
    }
}

fn find(known: &[Arc<Issuer>], grant: &KeyGrant, names: &[String]) -> Option<Arc<Issuer>> {
    let named = |issuer: &Issuer, name: &String| {
        issuer.identifier.as_str() == name || issuer.aliases.contains(name)
    };
    let found = known.iter().find(|issuer| {
        issuer.disabled_at.is_none()
            && grant.covers(issuer.id)
            && names.iter().all(|name| named(issuer, name))
    });
    found.cloned()
}
