//! Through image and JWS to the credential. What comes out is the object that is hashed.

use crate::form::{self, BadgeForm, Form, Image};
use crate::json::{self, Value};
use crate::{Code, Jws, Layer, Place, Refusal};
use crate::{png, svg};

/// A credential, and what it came in.
#[derive(Debug)]
pub struct Opened<'a> {
    /// How it was carried.
    pub form: BadgeForm,
    /// The whole object: a JWS' payload, or the JSON itself with its top-level `proof`.
    pub credential: Value<'a>,
    /// The JWS around it, not verified.
    pub jws: Option<&'a Jws>,
    /// The unprotected header of a JWS in JSON form, which no signature covers.
    pub unprotected: Option<&'a Value<'a>>,
    /// In an image: which text of it.
    image_layer: Option<Layer>,
}

impl Opened<'_> {
    /// Where `place` of the credential is, seen from the input.
    #[must_use]
    pub fn place(&self, place: Place) -> Place {
        let place = if self.jws.is_some() { place.within(Layer::JwsPayload) } else { place };
        self.in_image(place)
    }

    /// Where `place` of the text in the image is, seen from the input.
    pub(crate) fn in_image(&self, place: Place) -> Place {
        match self.image_layer {
            Some(layer) => place.within(layer),
            None => place,
        }
    }
}

/// Unwraps a badge of any form and shows the credential to `see`, which gets it before anything is
/// judged but its form: any JSON object that is no JWS and no proof document.
///
/// Nothing is fetched, inflated or verified. The credential borrows from what was unwrapped, hence
/// `see`; the place of a refusal of its own counts from the credential, as in [`crate::json`].
///
/// # Errors
/// Those of `see` and of [`json::parse`]; `unknown_form`, `ambiguous_form`, `unsupported_form`,
/// `selective_disclosure`, `not_an_object`; of a JWS `bad_jws`, `bad_base64url`, `unsecured_jws`,
/// `unencoded_payload`, `critical_header`; of an image `no_badge`, `several_badges`,
/// `legacy_url_only`; of a PNG `bad_png`, `bad_crc`, `compressed_badge`, `text_chunk`; of an SVG
/// `xml_syntax`, `xml_dtd`, `xml_entity`, `xml_encoding`, `xml_too_complex`, `mixed_content`.
pub fn open<T>(
    bytes: &[u8],
    see: impl FnOnce(Opened<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    match form::by_first_bytes(bytes) {
        Form::Png => {
            let text = png::badge_text(bytes)?;
            let baked = Some((Image::Png, Layer::PngText));
            open_text(text, baked, see).map_err(|why| why.within(Layer::PngText))
        }
        Form::Svg => {
            let baked = svg::badge_text(bytes)?;
            let (text, layer) = (baked.text.as_bytes(), baked.layer);
            open_text(text, Some((Image::Svg, layer)), see).map_err(|why| why.within(layer))
        }
        _ => open_text(bytes, None, see),
    }
}

fn open_text<T>(
    text: &[u8],
    baked: Option<(Image, Layer)>,
    see: impl FnOnce(Opened<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let opened = |credential, jws, form| Opened {
        form: BadgeForm { image: baked.map(|(image, _)| image), credential: form },
        credential,
        jws,
        unprotected: None,
        image_layer: baked.map(|(_, layer)| layer),
    };
    match form::by_first_bytes(text) {
        Form::Json => {
            let object = json::parse(text)?;
            match form::of_object(&object)? {
                Form::Json => see(opened(object, None, Form::Json)),
                Form::JwsJson => {
                    let jws = Jws::of_object(&object)?;
                    let unprotected = Jws::unprotected(&object);
                    in_payload(&jws, |payload| {
                        let opened = opened(payload, Some(&jws), Form::JwsJson);
                        see(Opened { unprotected, ..opened })
                    })
                }
                other => Err(other.refusal(Place::pointer(""))),
            }
        }
        Form::Jws => {
            let jws = Jws::of_compact(text)?;
            in_payload(&jws, |payload| see(opened(payload, Some(&jws), Form::Jws)))
        }
        Form::Unknown if baked.is_some() && png::is_url(text) => {
            let why = "only the badge's URL is here; nothing is fetched";
            Err(Refusal::at_byte(Code::LegacyUrlOnly, 0, why))
        }
        other => Err(other.refusal(Place::Byte(0))),
    }
}

fn in_payload<'j, T>(
    jws: &'j Jws,
    see: impl FnOnce(Value<'j>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let read = || {
        let payload = json::parse(&jws.payload)?;
        if !matches!(payload, Value::Object(_)) {
            let why = "the payload of a credential's JWS is an object";
            return Err(Refusal::at_pointer(Code::NotAnObject, "", why));
        }
        match form::of_object(&payload)? {
            Form::Json => see(payload),
            other => Err(other.refusal(Place::pointer(""))),
        }
    };
    read().map_err(|why| why.within(Layer::JwsPayload))
}
