//! What stands in a URL: the query string, parameter by parameter, and the path.

use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{Answer, Problem, ProblemCode};

/// The variable parts of a path. One that cannot be read names nothing: the same 404.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(names)| Self(names)).map_err(|_| Problem::not_found())
    }
}

/// The parameters not yet taken.
pub(crate) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| refuse("the query string cannot be read"))?;
        Ok(Self(pairs))
    }
}

impl Parameters {
    /// Takes a parameter that may be absent; a repeated one is refused by [`Self::finish`].
    pub(crate) fn optional<T>(&mut self, name: &str) -> Answer<Option<T>>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.read(name, str::parse::<T>)
    }

    /// Takes a parameter with a reader of its own.
    pub(crate) fn read<T, E: fmt::Display>(
        &mut self,
        name: &str,
        reader: impl FnOnce(&str) -> Result<T, E>,
    ) -> Answer<Option<T>> {
        let Some(at) = self.0.iter().position(|(found, _)| found == name) else {
            return Ok(None);
        };
        let (_, value) = self.0.remove(at);
        reader(&value).map(Some).map_err(|why| refuse(&format!("{name}: {why}")))
    }

    /// Names and values in turn, in the order of the names, so that equal queries read the same.
    pub(crate) fn canonical(mut self) -> impl Iterator<Item = String> {
        self.0.sort();
        self.0.into_iter().flat_map(|(name, value)| [name, value])
    }

    /// Refuses what was not taken.
    pub(crate) fn finish(self) -> Answer<()> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                let shown: String = name.chars().take(60).collect();
                Err(refuse(&format!("unknown or repeated parameter {shown:?}")))
            }
        }
    }

    /// The size of a page: `limit`, from 1 to `max`.
    pub(crate) fn page(&mut self, default: u32, max: u32) -> Answer<u32> {
        let limit = self.optional::<u32>("limit")?.unwrap_or(default);
        if (1..=max).contains(&limit) {
            Ok(limit)
        } else {
            Err(refuse(&format!("limit: a page has 1 to {max} items")))
        }
    }
}

fn refuse(detail: &str) -> Problem {
    Problem::new(ProblemCode::InvalidParameter, detail.to_owned())
}
