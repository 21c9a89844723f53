//! From bytes to a badge and its digest.

use proof::{Hash, Rule};

use crate::json::{self, Value};
use crate::{BadgeForm, Code, Form, Opened, Place, Refusal, Standard, Warning};
use crate::{claims, credential, form, open, warning};

/// A badge as read: its digest, and what is shown and compared beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// How it was carried.
    pub form: BadgeForm,
    /// What it is.
    pub standard: Standard,
    /// How `digest` was made.
    pub rule: Rule,
    /// The 32 bytes that are anchored.
    pub digest: Hash,
    /// The badge's own identifier (`id`, or `uid` before Open Badges 2).
    pub id: Option<String>,
    /// Its own issuer identifiers, which must agree; empty when nothing can be compared. See
    /// [`crate::issuer_match()`].
    pub issuers: Vec<String>,
    /// The achievement's name, for display only.
    pub name: Option<String>,
    /// `validFrom`, `issuanceDate` or `issuedOn`, as found.
    pub valid_from: Option<String>,
    /// `validUntil`, `expirationDate` or `expires`, as found.
    pub valid_until: Option<String>,
    /// What the digest does not cover, and doubtful text.
    pub warnings: Vec<Warning>,
}

/// Reads a badge of any form.
///
/// # Errors
/// Those of [`open()`], and `presentation`, `enveloped_credential`, `not_a_badge`,
/// `proof_not_allowed`.
pub fn read(bytes: &[u8]) -> Result<Badge, Refusal> {
    open(bytes, from_opened)
}

/// The digest by `jcs-sha256-v1` of any strict JSON object, badge or not, for those who compute a
/// digest before they declare it.
///
/// # Errors
/// Those of [`json::parse`], and `not_an_object`, `proof_not_allowed`; `ambiguous_form` and
/// `unsupported_form` for objects that only carry a credential or are proof documents.
pub fn read_json_value_digest(bytes: &[u8]) -> Result<Hash, Refusal> {
    let mut object = json::parse(bytes)?;
    if !matches!(object, Value::Object(_)) {
        return Err(Refusal::at_pointer(Code::NotAnObject, "", "the top is no object"));
    }
    match form::of_object(&object)? {
        Form::Json => credential::digest_without_proof(&mut object),
        other => Err(other.refusal(Place::pointer(""))),
    }
}

/// Where every form ends: the object that is hashed.
fn from_opened(mut opened: Opened<'_>) -> Result<Badge, Refusal> {
    let shown = claims::shown(&opened)?;
    let digest = credential::digest_without_proof(&mut opened.credential)?;
    Ok(Badge {
        form: opened.form,
        standard: shown.standard,
        rule: Rule::JcsSha256V1,
        digest,
        id: shown.id,
        issuers: shown.issuers,
        name: shown.name,
        valid_from: shown.valid_from,
        valid_until: shown.valid_until,
        warnings: warning::of(&opened, shown.standard),
    })
}
