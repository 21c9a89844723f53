//! JWS in its three forms: what is hashed, and what is refused (RFC 7515, RFC 7797).

use badge::{Standard, Warning};

use crate::baking::{BADGE, HEADER, baked_png, base64url, compact, flattened, general, refusal};

/// The payload's refusal in each form, which must be the same.
fn refused_payload(payload: &str) -> String {
    let found = refusal(compact(HEADER, payload));
    assert_eq!(refusal(flattened(HEADER, payload)), found);
    assert_eq!(refusal(general(HEADER, payload)), found);
    found
}

#[test]
fn the_payload_is_hashed_in_every_form() {
    let bare = badge::read(BADGE.as_bytes()).unwrap();
    for (token, form) in [
        (compact(HEADER, BADGE), "jws"),
        (format!("\u{feff}\r\n{}\n ", compact(HEADER, BADGE)), "jws"),
        (flattened(HEADER, BADGE), "jws-json"),
        (general(HEADER, BADGE), "jws-json"),
        // a proof entry inside the payload is left out as everywhere
        (compact(HEADER, BADGE.replace("}", r#","proof":{"type":"X"}}"#)), "jws"),
    ] {
        let badge = badge::read(token.as_bytes()).unwrap_or_else(|why| panic!("{token}: {why}"));
        assert_eq!((badge.digest, &*badge.form.to_string()), (bare.digest, form), "{token}");
        assert!(matches!(badge.warnings[..], [Warning::SignatureNotCovered(_)]));
    }
}

#[test]
fn its_parts_are_given_for_verification() {
    for token in [compact(HEADER, BADGE), flattened(HEADER, BADGE), general(HEADER, BADGE)] {
        badge::open(token.as_bytes(), |opened| {
            let jws = opened.jws.unwrap();
            assert_eq!(jws.alg, "EdDSA");
            assert_eq!(jws.protected, HEADER.as_bytes());
            assert_eq!(jws.payload, BADGE.as_bytes());
            assert_eq!(jws.signature, b"signature");
            let signed = format!("{}.{}", base64url(HEADER), base64url(BADGE));
            assert_eq!(jws.signing_input, signed);
            Ok(())
        })
        .unwrap();
    }
    let unprotected = r#"{"payload":"e30","header":{"alg":"EdDSA"},"signature":"c2ln"}"#;
    let jws =
        badge::open(unprotected.as_bytes(), |opened| Ok(opened.jws.cloned())).unwrap().unwrap();
    assert_eq!((&*jws.alg, &*jws.protected, &*jws.signing_input), ("EdDSA", &b""[..], ".e30"));
    assert_eq!(badge::open(BADGE.as_bytes(), |opened| Ok(opened.jws.cloned())), Ok(None));
}

#[test]
fn claims_are_hashed_and_shown() {
    let read = |payload: &str| badge::read(compact(HEADER, payload).as_bytes()).unwrap();
    let bare = format!(r#"{{"vc":{BADGE},"iss":"did:example:1"}}"#);
    let badge = read(&bare);
    assert_eq!(badge.standard, Standard::OpenBadges30);
    assert_eq!(badge.issuers, ["did:example:1"]);
    let dated = bare.replacen('{', r#"{"nbf":1262304000,"exp":1893456000,"jti":"urn:uuid:1","#, 1);
    let dated = read(&dated);
    assert_ne!(dated.digest, badge.digest);
    assert_eq!(dated.id.as_deref(), Some("urn:uuid:1"));
    assert_eq!(dated.valid_from.as_deref(), Some("1262304000"));
    assert_eq!(dated.valid_until.as_deref(), Some("1893456000"));
    let other = read(&bare.replace(r#""iss":"did:example:1""#, r#""iss":"did:example:2""#));
    assert_eq!(other.issuers, ["did:example:1", "did:example:2"]);
    let unnamed = read(&bare.replace(r#""iss":"did:example:1""#, r#""iss":{}"#));
    assert!(unnamed.issuers.is_empty());
}

#[test]
fn warnings_name_the_layer_too() {
    let assertion = r#"{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","badge":"https://a.example/"}"#;
    let warnings = |bytes: &[u8]| -> Vec<String> {
        let badge = badge::read(bytes).unwrap();
        badge.warnings.iter().map(|one| format!("{} at {}", one.as_str(), one.place())).collect()
    };
    let token = compact(HEADER, assertion);
    let signature = "signature_not_covered at byte 0";
    let class = "badge_class_not_covered at /badge of the JWS payload";
    assert_eq!(warnings(token.as_bytes()), [signature, class]);
    let baked = [
        "picture_not_covered at byte 0".to_owned(),
        format!("{signature} of the PNG text"),
        format!("{class} of the PNG text"),
    ];
    assert_eq!(warnings(&baked_png(&token)), baked);
    let in_json = ["signature_not_covered at the top", class];
    assert_eq!(warnings(flattened(HEADER, assertion).as_bytes()), in_json);
}

#[test]
fn payloads_that_are_no_credential_are_refused() {
    for (payload, expected) in [
        ("", "unknown_form at byte 0"),
        ("[]", "not_an_object at the top of the JWS payload"),
        ("\"{}\"", "not_an_object at the top of the JWS payload"),
        ("{", "syntax at byte 1 of the JWS payload"),
        ("{\"a\":1,\"a\":1}", "duplicate_key at byte 7 of the JWS payload"),
        ("{}", "not_a_badge at the top of the JWS payload"),
        (r#"{"vp":{}}"#, "presentation at /vp of the JWS payload"),
        (r#"{"type":"VerifiablePresentation"}"#, "presentation at /type of the JWS payload"),
        (
            r#"{"vc":{"type":"VerifiablePresentation"}}"#,
            "presentation at /vc/type of the JWS payload",
        ),
        (
            r#"{"type":"EnvelopedVerifiableCredential"}"#,
            "enveloped_credential at /type of the JWS payload",
        ),
        (r#"{"vc":{}}"#, "not_a_badge at /vc of the JWS payload"),
        (
            r#"{"vc":{"recipient":1,"uid":1,"verify":1,"badge":""}}"#,
            "not_a_badge at /vc of the JWS payload",
        ),
        (
            r#"{"vc":{"type":"VerifiableCredential"},"type":"VerifiableCredential"}"#,
            "ambiguous_form at /vc of the JWS payload",
        ),
        (
            r#"{"vc":{"type":"VerifiableCredential"},"proof":{"type":"X"}}"#,
            "proof_not_allowed at /proof of the JWS payload",
        ),
        (
            r#"{"type":"VerifiableCredential","_sd":[]}"#,
            "selective_disclosure at /_sd of the JWS payload",
        ),
        (r#"{"payload":"e30","signature":"AA"}"#, "unsupported_form at the top of the JWS payload"),
        (r#"{"format":"ingam-proof/1"}"#, "unsupported_form at the top of the JWS payload"),
    ] {
        if payload.is_empty() {
            // nothing is said to be signed: no compact JWS by its form
            assert_eq!(refusal(compact(HEADER, payload)), expected);
            assert_eq!(refusal(flattened(HEADER, payload)), "syntax at byte 0 of the JWS payload");
        } else {
            assert_eq!(refused_payload(payload), expected, "{payload}");
        }
    }
}

#[test]
fn headers_are_judged_before_the_payload() {
    for (header, expected) in [
        ("", "unknown_form at byte 0"),
        ("[]", "bad_jws at the top of the JWS header"),
        ("{\"alg\":\"EdDSA\",\"alg\":\"none\"}", "duplicate_key at byte 15 of the JWS header"),
        ("{}", "bad_jws at /alg of the JWS header"),
        (r#"{"alg":1}"#, "bad_jws at /alg of the JWS header"),
        (r#"{"alg":""}"#, "bad_jws at /alg of the JWS header"),
        (r#"{"alg":"none"}"#, "unsecured_jws at /alg of the JWS header"),
        (r#"{"alg":"EdDSA","b64":false}"#, "unencoded_payload at /b64 of the JWS header"),
        (
            r#"{"alg":"EdDSA","b64":false,"crit":["b64"]}"#,
            "unencoded_payload at /b64 of the JWS header",
        ),
        (r#"{"alg":"EdDSA","b64":"false"}"#, "bad_jws at /b64 of the JWS header"),
        (r#"{"alg":"EdDSA","b64":true,"crit":["b64"]}"#, "accepted as jws"),
        (r#"{"alg":"EdDSA","b64":true}"#, "accepted as jws"),
        (r#"{"alg":"EdDSA","crit":[]}"#, "bad_jws at /crit of the JWS header"),
        (r#"{"alg":"EdDSA","crit":"b64"}"#, "bad_jws at /crit of the JWS header"),
        (r#"{"alg":"EdDSA","crit":[1]}"#, "bad_jws at /crit of the JWS header"),
        (r#"{"alg":"EdDSA","crit":["b64"]}"#, "bad_jws at /crit of the JWS header"),
        (r#"{"alg":"EdDSA","crit":["alg"]}"#, "bad_jws at /crit of the JWS header"),
        (
            r#"{"alg":"EdDSA","b64":true,"crit":["b64","b64"]}"#,
            "bad_jws at /crit of the JWS header",
        ),
        (r#"{"alg":"EdDSA","x":1,"crit":["x"]}"#, "critical_header at /crit of the JWS header"),
    ] {
        assert_eq!(refusal(compact(header, BADGE)), expected, "{header}");
        if !header.is_empty() {
            let same = expected.replace("jws", "jws-json").replace("bad_jws-json", "bad_jws");
            let same = same.replace("unsecured_jws-json", "unsecured_jws");
            assert_eq!(refusal(flattened(header, BADGE)), same, "{header}");
        }
    }
}

#[test]
fn an_unencoded_payload_is_named_whatever_it_is() {
    let protected = base64url(r#"{"alg":"EdDSA","b64":false,"crit":["b64"]}"#);
    let payload = BADGE.replace('"', "\\\"");
    let token =
        format!(r#"{{"payload":"{payload}","protected":"{protected}","signature":"c2ln"}}"#);
    assert_eq!(refusal(token), "unencoded_payload at /b64 of the JWS header");
}

#[test]
fn one_spelling_of_base64url() {
    let (header, payload) = (base64url(HEADER), base64url(BADGE));
    let at = |offset: usize| format!("bad_base64url at byte {offset}");
    let payload_at = header.len() + 1;
    let signature_at = payload_at + payload.len() + 1;
    for (token, expected) in [
        (format!("{header}A.{payload}.c2ln"), at(header.len() + 1)),
        (format!("{header}.{payload}.c2lnA"), at(signature_at + 5)),
        // the last character holds bits that no byte needs
        (format!("{header}.{payload}.c2l"), at(signature_at + 2)),
        (format!("{header}.{payload}."), format!("unsecured_jws at byte {signature_at}")),
        (format!("{header}.{payload}.c2ln="), "unknown_form at byte 0".to_owned()),
        (format!("{header}.{payload}.c2+n"), "unknown_form at byte 0".to_owned()),
        (format!("{header}.{payload}.c2ln~"), "selective_disclosure at byte 0".to_owned()),
        (format!("{header}.{payload}"), "unknown_form at byte 0".to_owned()),
    ] {
        assert_eq!(refusal(&token), expected, "{token}");
        let moved = refusal(format!("\u{feff} {token}"));
        let number = expected.rsplit(' ').next().unwrap();
        let further = match number.parse::<usize>().unwrap() {
            0 => expected,
            offset => expected.replace(number, &(offset + 4).to_string()),
        };
        assert_eq!(moved, further, "{token}");
    }
    for (token, expected) in [
        (r#"{"payload":"e3=","protected":"P","signature":"c2ln"}"#, "/payload"),
        (r#"{"payload":"e30","protected":"*","signature":"c2ln"}"#, "/protected"),
        (r#"{"payload":"e30","protected":"P","signature":"c2ln\n"}"#, "/signature"),
        (
            r#"{"payload":"e30","signatures":[{"protected":"*","signature":"AA"}]}"#,
            "/signatures/0/protected",
        ),
        (
            r#"{"payload":"e30","signatures":[{"protected":"P","signature":"A"}]}"#,
            "/signatures/0/signature",
        ),
    ] {
        let token = token.replace("\"P\"", &format!("{header:?}"));
        assert_eq!(refusal(token), format!("bad_base64url at {expected}"));
    }
}

#[test]
fn members_of_the_json_forms() {
    let header = base64url(HEADER);
    for (token, expected) in [
        (r#"{"payload":1,"protected":"P","signature":"c2ln"}"#, "bad_jws at /payload"),
        (r#"{"payload":"e30","protected":{},"signature":"c2ln"}"#, "bad_jws at /protected"),
        (r#"{"payload":"e30","protected":"","signature":"c2ln"}"#, "bad_jws at /protected"),
        (r#"{"payload":"e30","protected":"P","signature":null}"#, "bad_jws at /signature"),
        (r#"{"payload":"e30","protected":"P","signature":""}"#, "unsecured_jws at /signature"),
        (r#"{"payload":"e30","signature":"c2ln"}"#, "bad_jws at /alg of the JWS header"),
        (
            r#"{"payload":"e30","header":{"alg":"none"},"signature":"c2ln"}"#,
            "unsecured_jws at /header/alg",
        ),
        (r#"{"payload":"e30","header":[],"signature":"c2ln"}"#, "bad_jws at /header"),
        (
            r#"{"payload":"e30","protected":"P","header":{"alg":"EdDSA"},"signature":"c2ln"}"#,
            "bad_jws at /header",
        ),
        (
            r#"{"payload":"e30","protected":"P","header":{"b64":true},"signature":"c2ln"}"#,
            "bad_jws at /header",
        ),
        (
            r#"{"payload":"e30","protected":"P","header":{"crit":["x"],"x":1},"signature":"c2ln"}"#,
            "bad_jws at /header",
        ),
        (
            r#"{"payload":"e30","protected":"P","header":{"disclosures":[]},"signature":"c2ln"}"#,
            "selective_disclosure at /header",
        ),
        (r#"{"payload":"e30","signatures":[[]]}"#, "bad_jws at /signatures/0"),
        (
            r#"{"payload":"e30","signatures":[{"protected":"P"}]}"#,
            "unsecured_jws at /signatures/0/signature",
        ),
        (
            r#"{"payload":"e30","signatures":[{"protected":"P","signature":"c2ln","x":1}]}"#,
            "ambiguous_form at /signatures/0",
        ),
        (
            r#"{"payload":"e30","signatures":[{"payload":"e30","signature":"c2ln"}]}"#,
            "ambiguous_form at /signatures/0",
        ),
        (r#"{"payload":"e30","signatures":[]}"#, "ambiguous_form at the top"),
        (
            r#"{"payload":"e30","signatures":[{"signature":"c2ln"},{"signature":"c2ln"}]}"#,
            "ambiguous_form at the top",
        ),
        (r#"{"payload":"e30","signatures":{"signature":"c2ln"}}"#, "ambiguous_form at the top"),
        (r#"{"payload":"e30","signature":"c2ln","type":"Assertion"}"#, "ambiguous_form at the top"),
    ] {
        let token = token.replace("\"P\"", &format!("{header:?}"));
        assert_eq!(refusal(&token), expected, "{token}");
    }
}

#[test]
fn size_ends_where_it_should() {
    let token = |length: usize| {
        let frame = compact(HEADER, "").len();
        let payload = format!("{BADGE}{}", " ".repeat((length - frame) / 4 * 3 - BADGE.len()));
        let token = compact(HEADER, payload);
        let rest = length - token.len();
        token + &"\n".repeat(rest)
    };
    assert!(badge::read(token(badge::json::MAX_BYTES).as_bytes()).is_ok());
    assert_eq!(refusal(token(badge::json::MAX_BYTES + 1)), "too_large at byte 1048576");
    // what has no form is not called too large
    assert_eq!(refusal(vec![b'.'; badge::json::MAX_BYTES + 1]), "unknown_form at byte 0");
}
