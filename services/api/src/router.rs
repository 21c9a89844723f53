//! All routes of the public listener, and what stands around them.

use std::any::Any;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any as AnyOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::limits::by_address;
use crate::observation::observe;
use crate::openapi::described;
use crate::problem::{self, Problem, ProblemCode};
use crate::service::{ApiState, Service, Shared};
use crate::{badges, batches, breaches, embed, promise, proofs, tokens, trust, verify};

/// What the documentation page may load: itself, and nothing from elsewhere.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
                           script-src 'self' 'unsafe-inline'; img-src 'self' data:";

/// The public listener's router. Serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`, or all clients count as one.
pub fn router(state: ApiState) -> Router {
    let service = Service::new(state);
    let (public, public_api) = public().split_for_parts();
    let (platform, platform_api) = platform().split_for_parts();
    let api = described(public_api, platform_api, Some(&service.state.config.public_url));
    let cors = CorsLayer::new()
        .allow_origin(AnyOrigin)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE, IF_NONE_MATCH])
        .expose_headers([ETAG, RETRY_AFTER, HeaderName::from_static("x-request-id")]);
    // before the layers: a preflight is an unknown method until the CORS layer answers it
    let public = public
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(service.clone(), by_address))
        .layer(cors);
    // no validator: the page would send the document's address to a service of strangers
    let page = SwaggerUi::new("/docs")
        .config(Config::default().validator_url("none"))
        .url("/openapi.json", api);
    let policy = HeaderValue::from_static(DOCS_POLICY);
    let page = Router::from(page)
        .layer(SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, policy));
    public
        .merge(platform)
        .merge(page)
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(service.clone(), in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(service.clone(), observe))
        .with_state(service)
}

/// Routes without a key: readable from any web page, limited per address.
pub(crate) fn public() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(proofs::by_token::by_token))
        .routes(routes!(proofs::lookup::lookup))
        .routes(routes!(verify::verify))
        .routes(routes!(embed::embed))
        .routes(routes!(batches::list::list))
        .routes(routes!(batches::one::one))
        .routes(routes!(batches::tile::tile))
        .routes(routes!(tokens::metadata::metadata))
        .routes(routes!(tokens::collection::collection))
        .routes(routes!(tokens::of_owner::of_owner))
        .routes(routes!(promise::promise))
        .routes(routes!(breaches::list))
        .routes(routes!(trust::file))
        .routes(routes!(trust::well_known))
        .routes(routes!(problem::list))
        .routes(routes!(problem::one))
}

/// Routes with a key, limited per key.
pub(crate) fn platform() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(badges::submit::submit, badges::list::list))
        .routes(routes!(badges::raw::raw))
        .routes(routes!(badges::bulk::bulk))
        .routes(routes!(badges::status::status, badges::erase::erase))
        .routes(routes!(badges::revoke::revoke))
        .routes(routes!(badges::recipient::set_recipient))
        .routes(routes!(proofs::export::export))
}

async fn method_not_allowed() -> Problem {
    Problem::new(ProblemCode::MethodNotAllowed, "the header Allow lists the methods of this path")
}

/// Gives a request up. What it had stored by then is stored; a repeat gets the same answer.
async fn in_time(State(service): State<Shared>, request: Request, next: Next) -> Response {
    let limit = service.state.config.limits.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("not answered within {} s; it may be repeated", limit.as_secs());
            Problem::new(ProblemCode::RequestTimeout, detail).into_response()
        }
    }
}

/// The panic's own message is on standard error, by the panic hook.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(ProblemCode::Internal, "a bug; the operator is told").into_response()
}
