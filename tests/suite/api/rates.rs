//! Rate limits at the door: whose request it is, behind proxies and within a household's network.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use api::{Limits, Rate};
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use domain::{ApiKey, Clock as _, SeededEntropy};
use store::Store;

use super::client::{Answer, Api};
use crate::support::over_both_databases;

over_both_databases!(
    a_proxy_stands_for_its_clients,
    a_client_is_not_what_it_says_it_is,
    guessing_keys_is_slow,
    going_on_with_an_ended_key_is_slow,
    a_key_has_one_bucket_wherever_it_comes_from,
);

/// Two requests at once, then one a second.
fn two() -> Rate {
    let one = NonZeroU32::MIN;
    Rate { per_second: one, burst: one.saturating_add(1) }
}

/// As many as come within the test are refused in the end: a bucket regains one a second, and each
/// round of requests takes more.
async fn refused_in_the_end(mut call: impl AsyncFnMut() -> Answer) -> Answer {
    for _ in 0..100_000 {
        let answer = call().await;
        if answer.status.as_u16() == 429 {
            return answer;
        }
    }
    panic!("never refused");
}

async fn limited(store: Arc<dyn Store>, proxies: &[&str]) -> Api {
    let proxies = proxies.iter().map(|text| text.parse().unwrap()).collect();
    Api::with(store, |state| {
        state.config.trusted_proxies = proxies;
        state.config.limits =
            Limits { per_key: Some(two()), per_address: Some(two()), ..Limits::default() };
    })
    .await
}

async fn promise(api: &Api, peer: &str, forwarded: &str) -> Answer {
    let peer: IpAddr = peer.parse().unwrap();
    let mut request = Request::get("/v1/promise");
    if !forwarded.is_empty() {
        request = request.header("x-forwarded-for", forwarded);
    }
    let request = request.extension(ConnectInfo(SocketAddr::new(peer, 40_000)));
    api.send(request.body(axum::body::Body::empty()).unwrap()).await
}

async fn a_proxy_stands_for_its_clients(store: Arc<dyn Store>) {
    let api = limited(store, &["10.0.0.0/8", "fd00::/8"]).await;
    let refused = refused_in_the_end(|| promise(&api, "10.0.0.1", "198.51.100.7")).await;
    assert_eq!(refused.problem(), "rate_limited");
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(seconds, 1, "a bucket of one a second");
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    // another client of the same proxy, and one in another household
    assert_eq!(promise(&api, "10.0.0.1", "198.51.100.8").await.status.as_u16(), 200);
    assert_eq!(promise(&api, "fd00::1", "2001:db8:0:2::1").await.status.as_u16(), 200);
}

async fn a_client_is_not_what_it_says_it_is(store: Arc<dyn Store>) {
    let api = limited(store, &["10.0.0.0/8"]).await;
    let mut number = 0;
    // no proxy: what it forwards is not believed
    refused_in_the_end(async || {
        number += 1;
        promise(&api, "192.0.2.1", &format!("198.51.100.{}", number % 250)).await
    })
    .await;
    // a proxy appends whom it saw
    refused_in_the_end(async || {
        number += 1;
        promise(&api, "10.0.0.1", &format!("198.51.100.{}, 192.0.2.9", number % 250)).await
    })
    .await;
    // one network of 64 bits is one client
    refused_in_the_end(async || {
        number += 1;
        promise(&api, &format!("2001:db8::{number:x}"), "").await
    })
    .await;
}

async fn guessing_keys_is_slow(store: Arc<dyn Store>) {
    let api = limited(store, &[]).await;
    let entropy = SeededEntropy::new(5);
    let refused = refused_in_the_end(async || {
        let guess = ApiKey::generate(&entropy);
        api.call_as(guess.reveal(), "GET", "/v1/badges", "").await
    });
    assert_eq!(refused.await.problem(), "rate_limited");
}

async fn going_on_with_an_ended_key_is_slow(store: Arc<dyn Store>) {
    let api = limited(store, &[]).await;
    let (account, now) = (api.service.account, api.service.clock.now());
    api.service.store.revoke_key(account, &api.key[..14], now).await.unwrap();
    let refused = refused_in_the_end(async || api.get("/v1/badges").await).await;
    assert_eq!(refused.problem(), "rate_limited");
}

async fn a_key_has_one_bucket_wherever_it_comes_from(store: Arc<dyn Store>) {
    let api = limited(store, &[]).await;
    let mut number = 0;
    let refused = refused_in_the_end(async || {
        number += 1;
        let peer: IpAddr = format!("192.0.2.{}", number % 250).parse().unwrap();
        let request = Request::get("/v1/badges")
            .header(header::AUTHORIZATION, format!("Bearer {}", api.key))
            .extension(ConnectInfo(SocketAddr::new(peer, 40_000)));
        api.send(request.body(axum::body::Body::empty()).unwrap()).await
    });
    assert_eq!(refused.await.problem(), "rate_limited");
}
