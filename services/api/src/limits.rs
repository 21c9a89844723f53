//! Token buckets per API key and per client address. They measure elapsed time, not dates, so
//! they run on the monotonic clock and a changed host clock has no effect. Per process only.

use std::hash::Hash as StdHash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use proof::Hash;

use crate::client_address;
use crate::config::{Limits, Rate};
use crate::problem::{Answer, Problem, ProblemCode};
use crate::service::Shared;

/// After so many checks, keys with a full bucket are forgotten.
const SWEEP_EVERY: u64 = 4096;

pub(crate) struct RateLimits {
    keys: Option<Buckets<Hash>>,
    addresses: Option<Buckets<IpAddr>>,
}

struct Buckets<K: StdHash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    checks: AtomicU64,
}

impl RateLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            keys: limits.per_key.map(Buckets::new),
            addresses: limits.per_address.map(Buckets::new),
        }
    }

    pub(crate) fn check_key(&self, key: Hash) -> Answer<()> {
        self.keys.as_ref().map_or(Ok(()), |buckets| buckets.check(&key))
    }

    pub(crate) fn check_address(&self, address: IpAddr) -> Answer<()> {
        self.addresses.as_ref().map_or(Ok(()), |buckets| buckets.check(&one_client(address)))
    }
}

impl<K: StdHash + Eq + Clone> Buckets<K> {
    fn new(rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            checks: AtomicU64::new(1),
        }
    }

    fn check(&self, key: &K) -> Answer<()> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now()).as_secs();
            let seconds = u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1);
            let detail = format!("wait {seconds} s, and slow down");
            Problem::new(ProblemCode::RateLimited, detail).retry_after(seconds)
        })
    }
}

/// A household has a /64 of IPv6, so that is what counts as one client.
fn one_client(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let mut octets = six.octets();
            octets[8..].fill(0);
            IpAddr::V6(Ipv6Addr::from(octets))
        }
    }
}

/// For routes without a key.
pub(crate) async fn by_address(
    State(service): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let trusted = &service.state.config.trusted_proxies;
    let client = client_address::of(request.extensions(), request.headers(), trusted);
    match service.rates.check_address(client) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    #[test]
    fn a_burst_passes_and_the_next_waits() {
        let two = NonZeroU32::new(2).unwrap();
        let slow = Rate { per_second: NonZeroU32::MIN, burst: two };
        let limits = RateLimits::new(&Limits {
            per_address: Some(slow),
            per_key: None,
            ..Limits::default()
        });
        let (one, neighbour) = ("2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap());
        assert!(limits.check_address(one).is_ok() && limits.check_address(neighbour).is_ok());
        let problem = limits.check_address(one).unwrap_err();
        assert_eq!(problem.code(), ProblemCode::RateLimited);
        assert!(limits.check_address("2001:db8:0:1::1".parse().unwrap()).is_ok());
        assert!((0..100).all(|_| limits.check_key(Hash::ZERO).is_ok()));
    }
}
