//! The JSON-LD contexts that are built in: `contexts/SOURCES.tsv` says where each is from. A
//! context cannot be trusted from anywhere else, since it decides what a badge's words mean.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use badge::json::{self, Value};

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
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json" = "clr-2.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json" = "open-badges-3.0.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json" = "open-badges-3.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json" = "open-badges-3.0.2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json" = "open-badges-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json" = "open-badges-extensions.json",
}

/// Whether other texts were published at this URL, too: the drafts of Open Badges 3.0 have it.
pub(crate) fn is_uncertain(url: &str) -> bool {
    url == "https://purl.imsglobal.org/spec/ob/v3p0/context.json"
}

/// The context's document.
pub(crate) fn find(url: &str) -> Option<&'static str> {
    BUNDLED.iter().find(|(known, _)| *known == url).map(|(_, document)| *document)
}

/// Whether a word has a context of its own in one of the documents.
pub(crate) fn is_scoped(word: &str) -> bool {
    static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let mut words = BTreeSet::new();
        for (_, document) in BUNDLED {
            let document = json::parse(document.as_bytes()).expect("contexts are strict JSON");
            collect_scoped(&document, &mut words);
        }
        words
    });
    WORDS.contains(word)
}

fn collect_scoped(value: &Value<'_>, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if value.get("@context").is_some() {
                    words.insert(name.to_string());
                }
                collect_scoped(value, words);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|one| collect_scoped(one, words)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proof::Hash;

    use super::*;

    #[test]
    fn each_is_the_one_whose_source_is_told() {
        let sources = include_str!("../contexts/SOURCES.tsv").lines().skip(1);
        let files: BTreeMap<&str, &str> = sources
            .map(|row| (row.rsplit('\t').next().unwrap(), row.split('\t').next().unwrap()))
            .collect();
        assert_eq!(files.len(), BUNDLED.len());
        for (url, document) in BUNDLED {
            let hash = Hash::of(&[document.as_bytes()]).to_string();
            assert!(files.contains_key(hash.as_str()), "{url}");
            let json = badge::json::parse(document.as_bytes()).unwrap();
            assert!(json.get("@context").is_some(), "{url}");
            assert!(url.starts_with("https://"), "{url}");
        }
    }

    #[test]
    fn words_with_a_context_of_their_own_are_found() {
        for word in ["Result", "VerifiableCredential", "proofPurpose", "cnf"] {
            assert!(is_scoped(word), "{word}");
        }
        for word in ["name", "type", "credentialSubject", "@context", ""] {
            assert!(!is_scoped(word), "{word}");
        }
    }

    /// What [`crate::linked_data`] relies on: relative references, contexts elsewhere and words
    /// for keywords that it refuses would pass it by.
    #[test]
    fn none_needs_more_than_is_known() {
        fn look(url: &str, value: &badge::json::Value<'_>, name: &str) {
            use badge::json::Value;
            match value {
                Value::Object(members) => {
                    for (name, value) in members {
                        let is_known = ["@container", "@context", "@id", "@protected", "@type"]
                            .contains(&name.as_ref())
                            || ["@version", "@vocab"].contains(&name.as_ref())
                            || !name.starts_with('@');
                        assert!(is_known, "{url}: {name}");
                        look(url, value, name);
                    }
                }
                Value::Array(elements) => elements.iter().for_each(|one| look(url, one, name)),
                Value::String(text) => {
                    assert!(name != "@context", "{url}: another context, {text}");
                    let is_alias = !name.starts_with('@') && text.starts_with('@');
                    assert!(
                        !is_alias || ["@id", "@type"].contains(&text.as_ref()),
                        "{url}: {text}"
                    );
                    let is_container = ["@graph", "@list", "@set"].contains(&text.as_ref());
                    assert!(text != "@type" || ["@type", "type"].contains(&name), "{url}: {name}");
                    assert!(name != "@container" || is_container, "{url}: {text}");
                }
                Value::Null => assert_eq!(name, "@context", "{url}"),
                _ => {}
            }
        }
        for (url, document) in BUNDLED {
            look(url, &badge::json::parse(document.as_bytes()).unwrap(), "");
        }
    }
}
