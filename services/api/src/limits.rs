//! Token buckets per API key and per client address. They measure elapsed time, not dates, so
//! they run on the monotonic clock and a changed host clock has no effect. Per process only.

use std::hash::Hash as StdHash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use proof::Hash;

use crate::client_address;
use crate::config::{Limits, Rate};
use crate::problem::{Answer, Problem, ProblemCode};
use crate::service::Shared;

/// After so many checks, keys with a full bucket are forgotten.
const SWEEP_EVERY: u64 = 4096;
/// When more are left after that, all are forgotten: whoever has so many addresses is not slowed
/// down by address, and must not fill the memory. About 10 MB.
const MAX_BUCKETS: usize = 100_000;

pub(crate) struct RateLimits {
    keys: Option<Buckets<Hash>>,
    addresses: Option<Buckets<IpAddr>>,
}

type Limiter<K, C> =
    RateLimiter<K, DefaultKeyedStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

struct Buckets<K: StdHash + Eq + Clone, C: Clock = DefaultClock> {
    quota: Quota,
    clock: C,
    limiter: RwLock<Limiter<K, C>>,
    checks: AtomicU64,
}

impl RateLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            keys: limits.per_key.map(|rate| Buckets::new(rate, DefaultClock::default())),
            addresses: limits.per_address.map(|rate| Buckets::new(rate, DefaultClock::default())),
        }
    }

    pub(crate) fn check_key(&self, key: Hash) -> Answer<()> {
        self.keys.as_ref().map_or(Ok(()), |buckets| buckets.check(&key))
    }

    pub(crate) fn check_address(&self, address: IpAddr) -> Answer<()> {
        self.addresses.as_ref().map_or(Ok(()), |buckets| buckets.check(&one_client(address)))
    }
}

impl<K: StdHash + Eq + Clone, C: Clock + Clone> Buckets<K, C> {
    fn new(rate: Rate, clock: C) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        let limiter = RwLock::new(RateLimiter::dashmap_with_clock(quota, clock.clone()));
        Self { quota, clock, limiter, checks: AtomicU64::new(1) }
    }

    fn check(&self, key: &K) -> Answer<()> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            self.sweep();
        }
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        limiter.check_key(key).map_err(|not_until| {
            let seconds = whole_seconds(not_until.wait_time_from(self.clock.now()));
            let detail = format!("wait {seconds} s, and slow down");
            Problem::new(ProblemCode::RateLimited, detail).retry_after(seconds)
        })
    }

    fn sweep(&self) {
        if self.left_after_retaining() > MAX_BUCKETS {
            let mut limiter = self.limiter.write().unwrap_or_else(PoisonError::into_inner);
            *limiter = RateLimiter::dashmap_with_clock(self.quota, self.clock.clone());
            tracing::warn!("more clients than rate limits are kept for; all begin anew");
        }
    }

    fn left_after_retaining(&self) -> usize {
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        limiter.len()
    }
}

/// As long as this or longer, at least one second.
fn whole_seconds(wait: Duration) -> u32 {
    let up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(up).unwrap_or(u32::MAX).max(1)
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
    use governor::clock::FakeRelativeClock;
    use std::num::NonZeroU32;

    fn rate(per_second: u32, burst: u32) -> Rate {
        let some = |number| NonZeroU32::new(number).unwrap();
        Rate { per_second: some(per_second), burst: some(burst) }
    }

    #[test]
    fn a_burst_passes_and_the_next_waits() {
        let limits = RateLimits::new(&Limits {
            per_address: Some(rate(1, 2)),
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

    #[test]
    fn who_waits_as_long_as_told_gets_through_and_no_earlier() {
        let clock = FakeRelativeClock::default();
        for (per_second, burst, told) in [(1, 2, "1"), (50, 50, "1"), (1, 1, "1")] {
            let buckets = Buckets::new(rate(per_second, burst), clock.clone());
            let passes = || (0..1000).take_while(|_| buckets.check(&'k').is_ok()).count();
            assert_eq!(passes(), burst as usize);
            let refused = buckets.check(&'k').unwrap_err().into_response();
            assert_eq!(refused.headers()["retry-after"], told);
            let one = Duration::from_secs(1) / per_second;
            clock.advance(one - Duration::from_nanos(1));
            assert_eq!(passes(), 0);
            clock.advance(Duration::from_nanos(1));
            assert_eq!(passes(), 1);
            clock.advance(Duration::from_secs(3600));
            assert_eq!(passes(), burst as usize, "a bucket holds no more than the burst");
        }
        let cases = [(0, 1), (1, 1), (999_999_999, 1), (1_000_000_000, 1), (1_000_000_001, 2)];
        for (nanos, seconds) in cases {
            assert_eq!(whole_seconds(Duration::from_nanos(nanos)), seconds, "{nanos}");
        }
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let buckets = Buckets::new(rate(1, 2), clock.clone());
        let kept = || buckets.limiter.read().unwrap().len();
        let most = MAX_BUCKETS + SWEEP_EVERY as usize;
        // no time goes by, so that no bucket fills up again
        for number in 0..150_000_u32 {
            let address = IpAddr::V4(number.into());
            assert!(buckets.check(&address).is_ok());
            if number.is_multiple_of(10_000) {
                assert!(kept() <= most, "{}", kept());
            }
        }
        assert!(kept() <= most, "{}", kept());
        clock.advance(Duration::from_secs(10));
        let last = IpAddr::V6(1.into());
        for _ in 0..2 * SWEEP_EVERY {
            let _ = buckets.check(&last);
        }
        assert_eq!(kept(), 1, "full buckets tell nothing");
    }
}
