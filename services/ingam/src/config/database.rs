//! `[database]`

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use super::bounds::within;

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; also `INGAM_DATABASE_URL`.
    pub(crate) url: DatabaseUrl,
    /// Connections of this process.
    #[serde(default = "default_connections")]
    pub(crate) max_connections: u32,
}

const fn default_connections() -> u32 {
    16
}

impl DatabaseConfig {
    /// With the defaults.
    pub(crate) const fn of(url: DatabaseUrl) -> Self {
        Self { url, max_connections: default_connections() }
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("database.max_connections", self.max_connections, 2..=500)
    }
}

/// Which database. Its `Debug` and `Display` hide a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// Embedded: one process only.
    Sqlite(PathBuf),
    /// A server; the URL with its password.
    Postgres(String),
}

/// A text that is no [`DatabaseUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a database URL is sqlite:PATH or postgres://…")]
pub(crate) struct DatabaseUrlError;

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // `sqlite://` is how other programs write it
            let path = path.strip_prefix("//").unwrap_or(path);
            let named = !path.is_empty() && !path.contains([':', '?']);
            return if named { Ok(Self::Sqlite(path.into())) } else { Err(DatabaseUrlError) };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let place = url.rsplit_once('@').map_or("…", |(_, place)| place);
                let place = place.split('?').next().unwrap_or_default();
                write!(f, "postgres://…@{place}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
