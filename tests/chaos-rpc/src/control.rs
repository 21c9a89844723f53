//! The proxy's own addresses, for whoever steers it from another process:
//!
//! - `GET /-/rules`, `PUT /-/rules` (a JSON array replaces all), `DELETE /-/rules` (heals);
//! - `GET /-/counts`.

use hyper::Method;
use serde_json::json;

use crate::answer::{self, Answer};
use crate::proxy::Shared;
use crate::rule::Rule;

/// Begins the path of all of them; paths of nodes often hold keys, but never this.
pub(crate) const PREFIX: &str = "/-/";

pub(crate) fn answer(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> Answer {
    match (method.as_str(), path) {
        ("GET", "/-/rules") => answer::json(&json!(shared.rules())),
        ("PUT", "/-/rules") => match serde_json::from_slice::<Vec<Rule>>(body) {
            Ok(rules) => {
                shared.set_rules(rules);
                answer::json(&json!({}))
            }
            Err(_) => answer::text(400, "not a JSON array of rules"),
        },
        ("DELETE", "/-/rules") => {
            shared.set_rules(Vec::new());
            answer::json(&json!({}))
        }
        ("GET", "/-/counts") => answer::json(&json!(shared.counts())),
        _ => answer::text(404, "no such address"),
    }
}
