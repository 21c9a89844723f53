//! The JSON-LD contexts that are built in: `contexts/SOURCES.tsv` says where each is from. A
//! context cannot be trusted from anywhere else, since it decides what a badge's words mean.

macro_rules! bundle {
    ($($url:literal = $file:literal,)*) => {
        const BUNDLED: &[(&str, &str)] =
            &[$(($url, include_str!(concat!("../contexts/", $file))),)*];
    };
}

bundle! {
    "https://www.w3.org/2018/credentials/v1" = "credentials-v1.jsonld",
    "https://www.w3.org/ns/credentials/v2" = "credentials-v2.jsonld",
    "https://www.w3.org/ns/credentials/examples/v2" = "credentials-examples-v2.jsonld",
    "https://www.w3.org/ns/credentials/status/v1" = "bitstring-status-list-v1.jsonld",
    "https://w3id.org/vc/status-list/2021/v1" = "status-list-2021-v1.jsonld",
    "https://w3id.org/security/data-integrity/v1" = "data-integrity-v1.jsonld",
    "https://w3id.org/security/data-integrity/v2" = "data-integrity-v2.jsonld",
    "https://w3id.org/security/multikey/v1" = "multikey-v1.jsonld",
    "https://w3id.org/security/suites/ed25519-2020/v1" = "ed25519-2020-v1.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json" = "open-badges-3.0.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json" = "open-badges-3.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json" = "open-badges-3.0.2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json" = "open-badges-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json" = "open-badges-extensions.json",
}

/// The URLs of the contexts that are built in.
pub fn bundled_contexts() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|(url, _)| *url)
}

/// The context's document.
pub(crate) fn find(url: &str) -> Option<&'static str> {
    BUNDLED.iter().find(|(known, _)| *known == url).map(|(_, document)| *document)
}
