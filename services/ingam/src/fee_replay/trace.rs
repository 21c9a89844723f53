//! A trace: CSV with the columns `time` and `base_fee_gwei` or `base_fee_wei`.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use domain::{FeeSample, MAX_BASE_FEE};
use proof::Timestamp;

/// Five years of blocks of twelve seconds are more than 13 million lines; nobody needs them at once.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
const MOST_SAMPLES: usize = 4_000_000;
const GWEI_DECIMALS: usize = 9;

/// Samples by time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace(Vec<FeeSample>);

/// What the second column counts.
#[derive(Clone, Copy)]
enum Unit {
    Wei,
    Gwei,
}

impl Trace {
    /// Reads a file.
    ///
    /// # Errors
    /// Names the file, the line and what is wrong.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
        ensure!(size <= MOST_BYTES, "{shown} is larger than {MOST_BYTES} bytes");
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        Self::parse(&text).with_context(|| shown.to_string())
    }

    /// As [`Self::load`], from text.
    ///
    /// # Errors
    /// Names the line.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut lines = text.lines().zip(1_u64..);
        let unit = match lines.next().map(|(line, _)| line.trim()) {
            Some("time,base_fee_gwei") => Unit::Gwei,
            Some("time,base_fee_wei") => Unit::Wei,
            _ => bail!("line 1: expected `time,base_fee_gwei` or `time,base_fee_wei`"),
        };
        let mut samples: Vec<FeeSample> = Vec::new();
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            let sample = sample(line.trim(), unit).with_context(|| format!("line {number}"))?;
            let is_later = samples.last().is_none_or(|last| last.at < sample.at);
            ensure!(is_later, "line {number}: the time is not after that of the line before");
            ensure!(
                samples.len() < MOST_SAMPLES,
                "line {number}: more than {MOST_SAMPLES} samples"
            );
            samples.push(sample);
        }
        ensure!(samples.len() >= 2, "a trace has two samples at least");
        Ok(Self(samples))
    }

    /// By time; two at least.
    pub(crate) fn samples(&self) -> &[FeeSample] {
        &self.0
    }

    #[cfg(test)]
    pub(super) const fn of(samples: Vec<FeeSample>) -> Self {
        Self(samples)
    }
}

fn sample(line: &str, unit: Unit) -> anyhow::Result<FeeSample> {
    let (time, fee) = line.split_once(',').context("expected two columns")?;
    let (time, fee) = (time.trim(), fee.trim());
    let at = match time.parse::<i64>() {
        Ok(seconds) => Timestamp::from_millis(seconds.saturating_mul(1000)),
        Err(_) => Timestamp::parse_rfc3339(time),
    };
    let at = at.with_context(|| {
        format!("{time:?} is no time: seconds since 1970, or like 2026-03-01T09:30:00Z")
    })?;
    let base_fee = match unit {
        Unit::Wei => fee.parse().ok(),
        Unit::Gwei => gwei(fee),
    };
    let base_fee: u128 = base_fee.with_context(|| format!("{fee:?} is no base fee"))?;
    ensure!(
        base_fee <= MAX_BASE_FEE,
        "{fee:?} is above {MAX_BASE_FEE} wei: no chain asks for that"
    );
    Ok(FeeSample { at, base_fee })
}

/// Wei of a decimal number of gwei, without rounding.
fn gwei(text: &str) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > GWEI_DECIMALS || !digits(whole) || !digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<GWEI_DECIMALS$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_units_and_both_times_are_read() {
        let gwei = "time,base_fee_gwei\n1970-01-01T00:00:05Z,1.5\n\n10, 0\n15,0.000000001\n";
        let wei = "time,base_fee_wei\r\n5,1500000000\r\n10,0\r\n15,1\r\n";
        let read = Trace::parse(gwei).unwrap();
        assert_eq!(read, Trace::parse(wei).unwrap());
        let fees: Vec<_> = read.samples().iter().map(|sample| sample.base_fee).collect();
        assert_eq!(fees, [1_500_000_000, 0, 1]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (body, named) in [
            ("", "line 1: expected `time,base_fee_gwei`"),
            ("time,fee\n1,1\n2,2\n", "line 1"),
            ("time,base_fee_gwei\n1,1\n", "two samples"),
            ("time,base_fee_gwei\n1,1\n2\n", "line 3: expected two columns"),
            ("time,base_fee_gwei\n1,1\nnoon,2\n", "line 3: \"noon\" is no time"),
            ("time,base_fee_gwei\n1,1\n-5,2\n", "line 3: \"-5\" is no time"),
            ("time,base_fee_gwei\n1,1\n2,-2\n", "line 3: \"-2\" is no base fee"),
            ("time,base_fee_gwei\n1,1\n2,1e3\n", "line 3: \"1e3\" is no base fee"),
            ("time,base_fee_gwei\n1,1\n2,0.1234567891\n", "line 3"),
            ("time,base_fee_wei\n1,1\n2,1.5\n", "line 3: \"1.5\" is no base fee"),
            ("time,base_fee_gwei\n1,1\n2,2000000\n", "line 3: \"2000000\" is above"),
            ("time,base_fee_gwei\n1,1\n\n1,2\n", "line 4: the time is not after"),
        ] {
            let error = format!("{:#}", Trace::parse(body).unwrap_err());
            assert!(error.contains(named), "{body:?}: {error}");
        }
    }
}
