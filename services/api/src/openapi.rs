//! The OpenAPI 3.1 document, from the handlers' own descriptions.

use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    ResponseBuilder, ServerBuilder,
};

use crate::problem::PROBLEM_JSON;
use crate::router::{platform, public};

const ABOUT: &str = "Anchors digital badges on an EVM chain. A platform posts a badge or its \
digest and gets a signed promise; within its window the badge is anchored; its holder fetches a \
proof that verifies without this service.\n\nEvery refusal is a problem document (RFC 9457) with a \
stable `code`, listed at `/v1/problems`. Times are RFC 3339 in UTC with milliseconds, hashes \
lower-case hexadecimal, with `0x` only for values of the EVM. Lists are `{items, next}`.";

/// The document of this version, without the server's address.
#[must_use]
pub fn openapi() -> OpenApi {
    described(public().into_openapi(), platform().into_openapi(), None)
}

/// Adds to the collected paths what holds for all of them.
pub(crate) fn described(public: OpenApi, platform: OpenApi, server: Option<&str>) -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0 OR MIT").build();
    let info = InfoBuilder::new()
        .title("Ingam")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license))
        .build();
    let tag = |(name, about): &(&str, &str)| {
        TagBuilder::new().name(*name).description(Some(*about)).build()
    };
    let servers = server.map(|url| vec![ServerBuilder::new().url(url).build()]);
    let mut api =
        OpenApiBuilder::new().info(info).tags(Some(TAGS.iter().map(tag))).servers(servers).build();
    api.merge(public);
    api.merge(platform);
    let key = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("ingam_…")
        .description(Some("An API key with the scope that the call names"))
        .build();
    let components = api.components.get_or_insert_with(Components::new);
    components.add_security_scheme("key", SecurityScheme::Http(key));
    let problem = ResponseBuilder::new()
        .description("Any other problem")
        .content(PROBLEM_JSON, Content::new(Some(Ref::from_schema_name("ProblemDocument"))))
        .build();
    components.schemas.values_mut().for_each(never_null);
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            responses.insert("default".to_owned(), RefOr::T(problem.clone()));
            let parameters = operation.parameters.iter_mut().flatten();
            for parameter in parameters {
                if let RefOr::T(parameter) = parameter
                    && let Some(schema) = &mut parameter.schema
                {
                    never_null(schema);
                }
            }
        }
    }
    api
}

/// An absent member is left out here, in requests as in answers, never `null`.
fn never_null(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            one_type(&mut object.schema_type);
            object.properties.values_mut().for_each(never_null);
        }
        RefOr::T(Schema::Array(array)) => one_type(&mut array.schema_type),
        RefOr::T(Schema::OneOf(one_of)) => {
            let is_null = |item: &RefOr<Schema>| match item {
                RefOr::T(Schema::Object(object)) => {
                    object.schema_type == SchemaType::Type(Type::Null)
                }
                _ => false,
            };
            one_of.items.retain(|item| !is_null(item));
            if let [only] = one_of.items.as_slice() {
                *schema = only.clone();
            }
        }
        _ => {}
    }
}

fn one_type(schema_type: &mut SchemaType) {
    if let SchemaType::Array(types) = schema_type {
        let mut types = types.iter().filter(|one| **one != Type::Null);
        if let (Some(only), None) = (types.next(), types.next()) {
            *schema_type = SchemaType::Type(only.clone());
        }
    }
}

const TAGS: &[(&str, &str)] = &[
    ("badges", "For platforms: submit, watch, revoke, erase"),
    ("proofs", "For holders and verifiers"),
    ("tokens", "For wallets and marketplaces"),
    ("batches", "For auditors: what was anchored, and every hash behind it"),
    ("trust", "Whom to trust, and how the promise is kept"),
    ("service", "About this interface"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE=1 cargo test -p api openapi` rewrites the file.
    #[test]
    fn the_committed_document_is_what_the_code_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let mut text = openapi().to_pretty_json().unwrap();
        text.push('\n');
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == text, "services/api/openapi.json is old; run with UPDATE=1");
        assert!(text.contains("\"openapi\": \"3.1.0\""));
        assert!(!text.contains("\"null\""), "an absent member is left out, never null");
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let api = serde_json::to_value(openapi()).unwrap();
        let paths = api["paths"].as_object().unwrap();
        let operations = paths.values().flat_map(|item| item.as_object().unwrap().values());
        let names: Vec<_> = operations.map(|one| one["operationId"].as_str().unwrap()).collect();
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!((names.len(), distinct.len()), (25, 25), "{names:?}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let api = serde_json::to_value(openapi()).unwrap();
        let mut missing = Vec::new();
        collect(&api, &api, &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }

    fn collect(api: &serde_json::Value, value: &serde_json::Value, missing: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(serde_json::Value::as_str)
                    && api.pointer(target.trim_start_matches('#')).is_none()
                {
                    missing.push(target.to_owned());
                }
                members.values().for_each(|member| collect(api, member, missing));
            }
            serde_json::Value::Array(items) => {
                items.iter().for_each(|item| collect(api, item, missing));
            }
            _ => {}
        }
    }
}
