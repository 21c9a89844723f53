//! Korean badges in composed (NFC) and decomposed (NFD) Hangul, in every form: nothing is
//! normalised, so they are two digests, and the second is warned of.

use badge::Warning;
use unicode_normalization::UnicodeNormalization;

use crate::baking::{HEADER, baked_png, baked_svg, compact, flattened, general, itxt, png};
use crate::fixtures;

/// One credential in every form.
fn carried(credential: &str) -> Vec<(&'static str, Vec<u8>)> {
    let token = compact(HEADER, credential);
    vec![
        ("json", credential.into()),
        ("jws", token.clone().into()),
        ("jws-json", flattened(HEADER, credential).into()),
        ("jws-json", general(HEADER, credential).into()),
        ("png+json", baked_png(credential)),
        ("png+json", png(&[itxt("clrcredential", credential.as_bytes()).after_image()])),
        ("png+jws", baked_png(&token)),
        ("svg+json", baked_svg(credential).into()),
        ("svg+jws", baked_svg(&token).into()),
    ]
}

#[test]
fn one_digest_for_each_spelling_in_every_form() {
    let badges = fixtures::korean_badges();
    assert_eq!(badges.len(), 8);
    for (file, composed) in badges {
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed, "{file}");
        let mut digests = Vec::new();
        for (text, is_decomposed) in [(&composed, false), (&decomposed, true)] {
            let bare = badge::read(text.as_bytes()).unwrap();
            for (form, bytes) in carried(text) {
                let badge =
                    badge::read(&bytes).unwrap_or_else(|why| panic!("{file} {form}: {why}"));
                assert_eq!(badge.form.to_string(), form, "{file}");
                assert_eq!(badge.digest, bare.digest, "{file} {form}");
                assert_eq!(badge.name, bare.name, "{file} {form}");
                assert_eq!(badge.issuers, bare.issuers, "{file} {form}");
                let warned = badge.warnings.iter().any(|one| matches!(one, Warning::NfdText(_)));
                assert_eq!(warned, is_decomposed, "{file} {form}");
            }
            digests.push(bare.digest);
        }
        assert_ne!(digests[0], digests[1], "{file}");
    }
}
