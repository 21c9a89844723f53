//! `POST /v1/embed`, and a badge that is verified by itself.

use std::sync::Arc;

use api::Limits;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use store::Store;

use super::client::{Answer, Api, credential};
use crate::support::over_both_databases;

over_both_databases!(
    a_badge_with_its_proof_inside_is_verified_by_itself,
    an_image_comes_back_as_an_image,
    what_cannot_be_embedded_is_refused_by_name,
    what_is_embedded_wrongly_is_not_looked_up,
    only_so_many_images_are_worked_on,
);

async fn proof(api: &Api, answer: &Value) -> Value {
    let token = answer["proofToken"].as_str().unwrap();
    api.public("GET", &format!("/v1/proofs/{token}"), "").await.json()
}

async fn embed(api: &Api, body: &Value) -> Answer {
    api.public("POST", "/v1/embed", body.to_string()).await
}

async fn verdict(api: &Api, body: &Value) -> Value {
    let answer = api.public("POST", "/v1/verify", body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// An SVG with a badge baked into it.
fn svg(badge: &Value) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script>\
         <a:credential xmlns:a=\"https://purl.imsglobal.org/ob/v3p0\"><![CDATA[{badge}]]>\
         </a:credential></svg>"
    )
}

async fn a_badge_with_its_proof_inside_is_verified_by_itself(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(2).await;
    let proof = proof(&api, &answers[0]).await;
    let answer = embed(&api, &json!({"badge": credential(0), "proof": proof})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/vc"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let badge = answer.json();
    assert_eq!(badge["proof"]["cryptosuite"], "ingam-jcs-2026");

    // with the receipt inside, which no look-up gives
    let report = verdict(&api, &json!({ "badge": badge })).await;
    assert_eq!(report["verdict"], "verified", "{report}");
    assert_eq!(report["times"]["promise"]["kept"], true);
    let encoded = BASE64_STANDARD.encode(badge.to_string());
    let report = verdict(&api, &json!({ "badgeBase64": encoded })).await;
    assert_eq!(report["verdict"], "verified", "{report}");
    // a proof beside it counts before the one inside
    let mut elsewhere = proof.clone();
    elsewhere["anchors"][0]["registry"] = json!(format!("0x{}", "77".repeat(20)));
    let report = verdict(&api, &json!({"badge": badge, "proof": elsewhere})).await;
    assert_eq!(report["verdict"], "could-not-be-checked", "{report}");
    // the proof of one badge in another
    let mut forged = credential(1);
    forged["proof"] = badge["proof"].clone();
    let report = verdict(&api, &json!({ "badge": forged })).await;
    assert_eq!(report["verdict"], "not-verified", "{report}");
}

async fn an_image_comes_back_as_an_image(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(1).await;
    let proof = proof(&api, &answers[0]).await;
    let image = svg(&credential(0));
    let body = json!({"badgeBase64": BASE64_STANDARD.encode(&image), "proof": proof});
    let answer = embed(&api, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
    // never a page of this service, whatever it holds
    let disposition = answer.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox;"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.text().starts_with(image.strip_suffix("</svg>").unwrap()));
    let encoded = BASE64_STANDARD.encode(&answer.body);
    let report = verdict(&api, &json!({ "badgeBase64": encoded })).await;
    assert_eq!(report["verdict"], "verified", "{report}");
}

async fn what_cannot_be_embedded_is_refused_by_name(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(2).await;
    let proof = proof(&api, &answers[0]).await;
    let assertion = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "urn:uuid:1",
        "badge": "https://hanbit.example/badge",
    });
    let with = |path: &str, value: Value| {
        let mut proof = proof.clone();
        *proof.pointer_mut(path).unwrap() = value;
        proof
    };
    let mut of_assertion = with("/badge/digest", json!(digest(&assertion)));
    of_assertion.as_object_mut().unwrap().remove("receipt");
    let badge = credential(0);
    for (body, code, pointer) in [
        (json!({"badge": badge}), "missing_member", "/proof"),
        (json!({"proof": proof}), "missing_member", "/badge"),
        (json!({"badge": badge, "proof": proof, "out": 1}), "unknown_member", "/out"),
        (
            json!({"badge": badge, "badgeBase64": "", "proof": proof}),
            "conflicting_members",
            "/badgeBase64",
        ),
        (json!({"badgeBase64": "?", "proof": proof}), "invalid_member", "/badgeBase64"),
        (json!({"badge": {}, "proof": proof}), "not_a_badge", "/badge"),
        (json!({"badgeBase64": "e30=", "proof": proof}), "not_a_badge", "/badgeBase64"),
        (
            json!({"badge": badge, "proof": with("/badge/salt", json!("AB"))}),
            "proof_refused",
            "/proof/badge/salt",
        ),
        (json!({"badge": credential(1), "proof": proof}), "proof_of_another_badge", "/proof/badge"),
        (
            json!({"badge": badge, "proof": with("/anchors", json!([]))}),
            "proof_not_anchored",
            "/proof",
        ),
        (
            json!({"badge": badge, "proof": with("/inclusion/path", json!([]))}),
            "proof_inconsistent",
            "/proof",
        ),
        (json!({"badge": assertion, "proof": of_assertion}), "embedding_changes_digest", "/badge"),
    ] {
        let answer = embed(&api, &body).await;
        assert_eq!(answer.problem(), code, "{body}");
        assert_eq!(answer.json()["pointer"], pointer, "{code}");
    }
}

fn digest(badge: &Value) -> String {
    badge::read(badge.to_string().as_bytes()).unwrap().digest.to_string()
}

async fn what_is_embedded_wrongly_is_not_looked_up(store: Arc<dyn Store>) {
    let mut api = Api::on(store).await;
    let answers = api.finished(1).await;
    let proof = proof(&api, &answers[0]).await;
    let entry = embed(&api, &json!({"badge": credential(0), "proof": proof})).await.json();
    let entry = entry["proof"].clone();
    let mut cut = entry.clone();
    cut["proofValue"] = json!("uAAAA");
    for (proofs, code) in [
        (json!([entry, entry]), "several_embedded_proofs"),
        (json!([{"type": "X"}, cut]), "embedded_proof_refused"),
    ] {
        let mut badge = credential(0);
        badge["proof"] = proofs;
        let answer = api.public("POST", "/v1/verify", json!({ "badge": badge }).to_string()).await;
        assert_eq!(answer.problem(), code);
        assert_eq!(answer.json()["pointer"], "/badge");
    }
}

async fn only_so_many_images_are_worked_on(store: Arc<dyn Store>) {
    let narrow = Limits { images_in_flight: 0, image_body_bytes: 100, ..Limits::default() };
    let api = Api::with(store, |state| state.config.limits = narrow).await;
    for path in ["/v1/embed", "/v1/verify"] {
        let answer = api.public("POST", path, "{}").await;
        assert_eq!(answer.problem(), "unavailable");
        assert_eq!(answer.header("retry-after"), Some("1"));
        // one that is too long takes no place
        let answer = api.public("POST", path, "x".repeat(101)).await;
        assert_eq!(answer.problem(), "body_too_large");
    }
}
