//! Every form of badge, at every call that takes one.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, ISSUER, credential};
use crate::support::over_both_databases;

over_both_databases!(
    every_form_is_accepted_and_has_one_promise,
    a_file_that_is_no_badge_is_refused_by_name,
    the_options_of_a_file_stand_in_the_query,
    every_form_finds_its_proof_and_is_verified,
);

/// Files of others, and the form that is told from their bytes.
const FILES: [(&str, &str, &str); 10] = [
    ("ob3-json/simple.json", "json", "open-badges-3.0"),
    ("ob3-baked-png/simple-json.png", "png+json", "open-badges-3.0"),
    ("ob3-baked-png/simple-jwt_v1.png", "png+jws", "open-badges-3.0"),
    ("ob3-baked-svg/simple-jwt.svg", "svg+jws", "open-badges-3.0"),
    ("ob3-jwt/1edtech-simple.jwt", "jws", "open-badges-3.0"),
    ("ob2-baked-png/baked_heart.png", "png+json", "open-badges-1.0"),
    ("ob2-baked-svg/baked_example.svg", "svg+json", "open-badges-1.0"),
    ("ob2-jws/ob20-simple.jwt", "jws", "open-badges-2.0"),
    ("clr2/clr-simple.jwt", "jws", "clr-2.0"),
    ("blockcerts/v3_blockcerts-3.0-beta.json", "json", "blockcerts-3"),
];

pub(super) fn fixture(path: &str) -> Vec<u8> {
    let badges = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/badges");
    std::fs::read(badges.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

async fn raw(api: &Api, query: &str, file: Vec<u8>) -> Answer {
    api.call("POST", &format!("/v1/badges/raw{query}"), file).await
}

async fn every_form_is_accepted_and_has_one_promise(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let mut promises: Vec<Value> = Vec::new();
    for (path, form, standard) in FILES {
        let file = fixture(path);
        let read = badge::read(&file).unwrap();
        let known = promises.iter().any(|promise| promise["digest"] == read.digest.to_string());
        // what the client declares decides nothing
        let request = Request::post(format!("/v1/badges/raw?issuer={ISSUER}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", api.key))
            .header(header::CONTENT_TYPE, "text/html");
        let answer = api.send(request.body(Body::from(file.clone())).unwrap()).await;
        let status = if known { StatusCode::OK } else { StatusCode::ACCEPTED };
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        let answer = answer.json();
        let promise = &answer["receipt"]["promise"];
        assert_eq!(promise["digest"], read.digest.to_string(), "{path}");
        assert_eq!(answer["digestSource"], "service");
        let shown = &answer["badge"];
        assert_eq!((&shown["form"], &shown["standard"]), (&json!(form), &json!(standard)));
        let edition = if form.ends_with("jws") { "jwt" } else { "json" };
        assert_eq!(shown["edition"], edition, "{path}");
        assert_eq!(shown["id"].as_str(), read.id.as_deref(), "{path}");
        assert_eq!(shown["name"].as_str(), read.name.as_deref(), "{path}");
        assert_eq!(shown["validFrom"].as_str(), read.valid_from.as_deref(), "{path}");
        assert_eq!(shown["issuers"], json!(read.issuers), "{path}");

        let encoded = json!({"badgeBase64": BASE64_STANDARD.encode(&file), "issuer": ISSUER});
        let again = api.post("/v1/badges", &encoded).await;
        assert_eq!(again.status, StatusCode::OK, "{path}: {}", again.text());
        let again = again.json();
        assert_eq!((&again["receipt"]["promise"], &again["badge"]), (promise, shown), "{path}");
        let bulk = api.call("POST", "/v1/badges/bulk", encoded.to_string()).await;
        let line: Value = serde_json::from_str(bulk.text().lines().nth(1).unwrap()).unwrap();
        assert_eq!((&line["id"], &line["repeat"]), (&answer["id"], &json!(true)), "{line}");
        promises.push(promise.clone());
    }
    let stored = api.service.store.counts().await.unwrap().positions;
    assert_eq!(stored, 9, "an image and the file of what is in it are one badge");
}

async fn a_file_that_is_no_badge_is_refused_by_name(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answer = api.submit(0).await;
    let token = answer["proofToken"].as_str().unwrap();
    let proof = api.public("GET", &format!("/v1/proofs/{token}"), "").await;
    let submission = json!({"credential": credential(1)}).to_string();
    let digest = json!({"digest": "ab".repeat(32), "rule": "opaque"}).to_string();
    let presentation = json!({"type": "VerifiablePresentation", "holder": "did:example:1"});
    let mut large = credential(1);
    large["padding"] = Value::from("x".repeat(1 << 20));
    for (file, code) in [
        (b"{\"a\":1}".to_vec(), "not_a_badge"),
        // a forwarded upload must not become a digest that somebody chose, nor a request
        (digest.into_bytes(), "not_a_badge"),
        (submission.into_bytes(), "not_a_badge"),
        (proof.body.to_vec(), "unsupported_form"),
        (presentation.to_string().into_bytes(), "presentation"),
        (b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln~WyJzIl0~".to_vec(), "selective_disclosure"),
        (b"GIF89a".to_vec(), "unknown_form"),
        (Vec::new(), "unknown_form"),
        (b"[]".to_vec(), "unknown_form"),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "no_badge"),
        (fixture("ob2-baked-png/public_domain_heart.png"), "no_badge"),
        (fixture("ob2-baked-png/salava-legacy-text-url.png"), "legacy_url_only"),
        (large.to_string().into_bytes(), "too_large"),
    ] {
        let answer = raw(&api, "", file).await;
        assert_eq!(answer.problem(), code);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert!(answer.json()["pointer"].is_string(), "{code}");
    }
    for hostile in ["png-hostile", "xml-hostile", "json-hostile"] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/badges").join(hostile);
        let mut tried = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = std::fs::read(entry.unwrap().path()).unwrap();
            let Err(refusal) = badge::read(&file) else { continue };
            let answer = raw(&api, "", file).await;
            assert_eq!(answer.problem(), refusal.code.as_str());
            tried += 1;
        }
        assert!(tried > 3, "{hostile}");
    }
    let beyond = raw(&api, "", vec![b' '; 5 * 1024 * 1024 + 1]).await;
    assert_eq!((beyond.status.as_u16(), beyond.problem().as_str()), (413, "body_too_large"));
    let without_key = api.public("POST", "/v1/badges/raw", credential(1).to_string()).await;
    assert_eq!(without_key.problem(), "key_missing");
    assert_eq!(api.service.store.counts().await.unwrap().positions, 1, "nothing was stored");
}

async fn the_options_of_a_file_stand_in_the_query(store: Arc<dyn Store>) {
    let api = Api::on(store).await;
    let file = || credential(3).to_string().into_bytes();
    for query in [
        "?externalId=",
        "?windowStartedAt=yesterday",
        "?publicLookup=perhaps",
        "?digest=ab",
        "?issuer=a&issuer=b",
    ] {
        assert_eq!(raw(&api, query, file()).await.problem(), "invalid_parameter", "{query}");
    }
    let foreign = raw(&api, "?issuer=https://other.example/", file()).await;
    assert_eq!(foreign.problem(), "issuer_not_registered");
    let heart = fixture("ob2-baked-png/baked_heart.png");
    assert_eq!(raw(&api, "", heart).await.problem(), "issuer_missing");

    let options = "?externalId=%EC%88%98%EB%A3%8C-3&publicLookup=false";
    let answer = raw(&api, options, file()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.json()["receipt"]["promise"]["externalId"], "수료-3");
    assert_eq!(
        answer.header("location").unwrap(),
        format!("/v1/badges/{}", answer.json()["id"].as_str().unwrap())
    );
    assert_eq!(raw(&api, options, file()).await.status, StatusCode::OK);
    assert_eq!(raw(&api, "", file()).await.problem(), "already_accepted_differently");
    let lookup =
        api.public("POST", "/v1/proofs/lookup", json!({"badge": credential(3)}).to_string());
    assert_eq!(lookup.await.problem(), "not_found", "closed to the public");
}

/// An SVG with some picture and a badge baked into it.
pub(super) fn svg(picture: &str, badge: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\">{picture}\
         <a:credential xmlns:a=\"https://purl.imsglobal.org/ob/v3p0\"><![CDATA[{badge}]]>\
         </a:credential></svg>"
    )
}

async fn every_form_finds_its_proof_and_is_verified(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let jwt = fixture("ob3-jwt/1edtech-simple.jwt");
    let bare = raw(&api, &format!("?issuer={ISSUER}"), jwt.clone()).await;
    assert_eq!(bare.status, StatusCode::ACCEPTED, "{}", bare.text());
    api.service.accepted.push(bare.json()["id"].as_str().unwrap().parse().unwrap());
    api.finished(1).await;
    let badge = credential(0).to_string();
    let image = svg("<circle r=\"4\"/>", &badge);
    let encoded = |file: &[u8]| json!({"badgeBase64": BASE64_STANDARD.encode(file)}).to_string();
    let bodies = [
        json!({"badge": credential(0)}).to_string().into_bytes(),
        encoded(badge.as_bytes()).into_bytes(),
        encoded(image.as_bytes()).into_bytes(),
        image.into_bytes(),
    ];
    for body in bodies {
        let found = api.public("POST", "/v1/proofs/lookup", body.clone()).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.text());
        let found = found.json();
        assert_eq!(
            found["proofs"][0]["badge"]["digest"],
            badge::read(badge.as_bytes()).unwrap().digest.to_string()
        );
        assert_eq!(found["presented"]["outcome"], "match");
        let report = api.public("POST", "/v1/verify", body).await.json();
        assert_eq!(report["verdict"], "verified", "{report}");
        assert_eq!(report["presented"]["outcome"], "match");
    }
    // the file of a token as the body itself; its issuer is not the one that submitted it
    let report = api.public("POST", "/v1/verify", jwt.clone()).await;
    assert_eq!(report.json()["presented"]["outcome"], "match", "{}", report.text());
    let found = api.public("POST", "/v1/proofs/lookup", jwt).await;
    assert_eq!(found.json()["proofs"].as_array().unwrap().len(), 1);
}
