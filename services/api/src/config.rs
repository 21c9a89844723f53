//! What an operator may set; all limits with their units and defaults in one place.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::Network;

/// Settings of the public listener.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// Where clients reach the service, without a final slash. It stands in the OpenAPI document.
    pub public_url: String,
    /// The chain profile's minimum lead in milliseconds: with less left until its deadline, a new
    /// badge is refused.
    pub min_lead_ms: i64,
    /// New badges are refused while an open promise has less than this left, in milliseconds.
    /// Less than `min_lead_ms`, or one late submission closes intake for all.
    pub at_risk_ms: i64,
    /// Badges of a full batch, and batches that may be on their way at once: how fast a queue can
    /// become shorter.
    pub batch_badges: u64,
    /// See [`ApiConfig::batch_badges`].
    pub batches_at_once: u64,
    /// Bounds.
    pub limits: Limits,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            min_lead_ms: 2 * 3_600_000,
            at_risk_ms: 1_800_000,
            batch_badges: 1_000_000,
            batches_at_once: 8,
            limits: Limits::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Bounds of requests and answers.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest body but for bulk, in bytes: a badge of 1 MiB, a proof of 256 KiB and what is
    /// around them.
    pub body_bytes: usize,
    /// Largest body with a badge that may be an image, in bytes: 5 MiB in base64, a proof of 256
    /// KiB and what is around them.
    pub image_body_bytes: usize,
    /// Images worked on at a time.
    pub images_in_flight: usize,
    /// Largest bulk body, in bytes.
    pub bulk_bytes: usize,
    /// Most lines of a bulk body.
    pub bulk_lines: usize,
    /// Bulk requests held in memory at a time.
    pub bulk_in_flight: usize,
    /// Items of a page when the caller does not say.
    pub page: u32,
    /// Most items of a page.
    pub page_max: u32,
    /// Requests of one API key; `None`: unlimited.
    pub per_key: Option<Rate>,
    /// Requests of one client address to what needs no key, and unknown keys; `None`: unlimited.
    pub per_address: Option<Rate>,
    /// After which an unanswered request is given up.
    pub request_timeout: Duration,
    /// What a holder of a pending proof is asked to wait, in seconds.
    pub pending_retry_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1536 * 1024,
            image_body_bytes: 7 * 1024 * 1024 + 512 * 1024,
            images_in_flight: 8,
            bulk_bytes: 8 * 1024 * 1024,
            bulk_lines: 10_000,
            bulk_in_flight: 8,
            page: 100,
            page_max: 1000,
            per_key: Some(Rate::KEY),
            per_address: Some(Rate::ADDRESS),
            request_timeout: Duration::from_secs(60),
            pending_retry_s: 10,
        }
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests regained each second.
    pub per_second: NonZeroU32,
    /// Requests that may come at once.
    pub burst: NonZeroU32,
}

impl Rate {
    /// Of a key, unless the operator says otherwise.
    pub const KEY: Self = Self::new(2000, 4000);
    /// Of an address, unless the operator says otherwise.
    pub const ADDRESS: Self = Self::new(50, 200);

    const fn new(per_second: u32, burst: u32) -> Self {
        const ONE: NonZeroU32 = NonZeroU32::MIN;
        Self {
            per_second: ONE.saturating_add(per_second - 1),
            burst: ONE.saturating_add(burst - 1),
        }
    }
}
