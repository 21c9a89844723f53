//! "Everything has a limit": one way to say so.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// # Errors
/// Names the value and what it may be.
pub(super) fn within<T: PartialOrd + Copy + Display>(
    name: &str,
    value: T,
    range: RangeInclusive<T>,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        range.contains(&value),
        "{name} = {value} is outside {} to {}",
        range.start(),
        range.end()
    );
    Ok(())
}
