//! What a submission's answer shows of a badge that this service read.

use badge::{Badge, Form};
use serde::Serialize;
use utoipa::ToSchema;

/// A badge as it was read. Shown to who sent it; of all this only a keyed hash of `id` is stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadBadge {
    /// `json`, `jws` or `jws-json`; in an image after `png+` or `svg+`.
    #[schema(example = "png+json")]
    pub form: String,
    /// `json` or `jwt`. Each edition of a credential is a badge of its own: the same `externalId`
    /// links them.
    #[schema(example = "json")]
    pub edition: &'static str,
    /// The standard and, where versions differ in shape, its version.
    #[schema(example = "open-badges-3.0")]
    pub standard: String,
    /// The badge's own identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Every identifier of an issuer that stands in the badge; none when it cannot be compared.
    pub issuers: Vec<String>,
    /// The achievement's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As the badge has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// As the badge has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

impl ReadBadge {
    pub(crate) fn of(badge: &Badge) -> Self {
        let edition = match badge.form.credential {
            Form::Jws | Form::JwsJson => "jwt",
            _ => "json",
        };
        Self {
            form: badge.form.to_string(),
            edition,
            standard: badge.standard.to_string(),
            id: badge.id.clone(),
            issuers: badge.issuers.clone(),
            name: badge.name.clone(),
            valid_from: badge.valid_from.clone(),
            valid_until: badge.valid_until.clone(),
        }
    }
}
