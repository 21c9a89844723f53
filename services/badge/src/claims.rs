//! What is shown and compared beside a digest, found in a credential and, in a JWT, among the
//! claims around it. All claims are hashed.

use crate::json::Value;
use crate::{Code, Opened, Refusal, Standard, fields, issuers, standard};

/// Pointer of the claim that holds a credential of data model 1.1 (VCDM 1.1 section 6.3.1).
const CREDENTIAL: &str = "/vc";

/// As the members of [`crate::Badge`].
pub(crate) struct Shown {
    pub(crate) standard: Standard,
    pub(crate) id: Option<String>,
    pub(crate) issuers: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) valid_from: Option<String>,
    pub(crate) valid_until: Option<String>,
}

/// Recognises the standard, and reads what is shown.
///
/// # Errors
/// `presentation`, `enveloped_credential`, `not_a_badge`, and in a JWS `selective_disclosure`,
/// `ambiguous_form`; the place is a pointer.
pub(crate) fn shown(opened: &Opened<'_>) -> Result<Shown, Refusal> {
    let (credential, standard) = credential(opened)?;
    let claims = opened.jws.map(|_| &opened.credential);
    let claim = |name| claims.and_then(|claims| claims.get(name));
    let or_claim = |found: Option<String>, name| found.or_else(|| fields::text(claim(name)?));
    Ok(Shown {
        standard,
        id: or_claim(fields::id(credential, standard), "jti"),
        issuers: issuers::of(credential, claim("iss"), standard),
        name: fields::name(credential, standard),
        // both claims are seconds since 1970
        valid_from: or_claim(fields::valid_from(credential, standard), "nbf"),
        valid_until: or_claim(fields::valid_until(credential, standard), "exp"),
    })
}

/// The credential, without the claims that may be around it, and its standard.
///
/// # Errors
/// As [`shown`].
pub(crate) fn credential<'v, 'a>(
    opened: &'v Opened<'a>,
) -> Result<(&'v Value<'a>, Standard), Refusal> {
    let document = &opened.credential;
    match opened.jws {
        Some(_) => in_payload(document),
        None => Ok((document, standard::recognise(document)?)),
    }
}

/// The credential in a JWS' payload: the payload itself, or its member `vc`.
fn in_payload<'v, 'a>(payload: &'v Value<'a>) -> Result<(&'v Value<'a>, Standard), Refusal> {
    if payload.get("vp").is_some() {
        let why = "this is a presentation; give the credential inside it";
        return Err(Refusal::at_pointer(Code::Presentation, "/vp", why));
    }
    for (name, pointer) in [("_sd", "/_sd"), ("_sd_alg", "/_sd_alg")] {
        if payload.get(name).is_some() {
            let why = "a selective-disclosure JWT has no one digest";
            return Err(Refusal::at_pointer(Code::SelectiveDisclosure, pointer, why));
        }
    }
    let Some(credential) = payload.get("vc") else {
        return Ok((payload, standard::recognise(payload)?));
    };
    let standard = standard::recognise(credential)
        .map_err(|why| Refusal { place: why.place.under(CREDENTIAL), ..why })?;
    if !standard.is_verifiable_credential() {
        let why = "vc holds no verifiable credential";
        return Err(Refusal::at_pointer(Code::NotABadge, CREDENTIAL, why));
    }
    if standard::recognise(payload).is_ok() {
        let why = "the payload is a credential itself, and holds another in vc";
        return Err(Refusal::at_pointer(Code::AmbiguousForm, CREDENTIAL, why));
    }
    Ok((credential, standard))
}
