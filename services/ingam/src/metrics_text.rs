//! The metrics of this process, in the text format of Prometheus.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use api::MetricsText;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Upper ends of the buckets of every histogram, in seconds.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Between two clean-ups of old samples.
const UPKEEP: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Makes `metrics` count, from here on.
///
/// # Errors
/// It was done before.
pub(crate) fn install() -> anyhow::Result<MetricsText> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("metrics")?;
    let handle = RECORDER.get_or_init(|| handle).clone();
    Ok(Arc::new(move || handle.render()))
}

/// Cleans up until `stop`; without it histograms would grow.
///
/// # Errors
/// None.
pub(crate) async fn upkeep(stop: CancellationToken) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = tick.tick() => {
                if let Some(recorder) = RECORDER.get() {
                    recorder.run_upkeep();
                }
            }
        }
    }
}
