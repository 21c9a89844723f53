//! The proxy: HTTP in, one fault at most, HTTP out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::{self, Answer};
use crate::control;
use crate::counts::Counts;
use crate::pool::{self, Pool};
use crate::rule::{Fault, Rule, Rules};
use crate::snapshot::{self, Newest};
use crate::upstream::{Unreachable, Upstream};

/// Largest request, in bytes.
const MAX_REQUEST: usize = 8 << 20;

/// The connection ends here, without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

impl From<Unreachable> for Cut {
    fn from(_: Unreachable) -> Self {
        Self
    }
}

#[derive(Debug)]
pub(crate) struct Shared {
    upstream: Upstream,
    rules: Mutex<Rules>,
    counts: Mutex<Counts>,
    pool: Pool,
    /// Counts changes of the rules.
    changes: watch::Sender<u64>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn rules(&self) -> Vec<Rule> {
        lock(&self.rules).all().to_vec()
    }

    pub(crate) fn set_rules(&self, rules: Vec<Rule>) {
        lock(&self.rules).set(rules);
        self.changes.send_modify(|changes| *changes += 1);
    }

    pub(crate) fn counts(&self) -> Counts {
        lock(&self.counts).clone()
    }
}

/// A running proxy before one node. It ends with the value.
#[derive(Debug)]
pub struct ChaosRpc {
    url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Drop for ChaosRpc {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl ChaosRpc {
    /// A proxy before the node at `upstream`, on a free port of this machine. The seed decides the
    /// faults that happen by chance.
    ///
    /// # Panics
    /// Without a free port.
    pub async fn start(upstream: &str, seed: u64) -> Self {
        Self::start_at(upstream, seed, "127.0.0.1:0").await.expect("there is a free port")
    }

    /// As [`Self::start`], at this address.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn start_at(upstream: &str, seed: u64, address: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            upstream: Upstream::new(upstream),
            rules: Mutex::new(Rules::seeded(seed)),
            counts: Mutex::default(),
            pool: Pool::default(),
            changes: watch::Sender::new(0),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { url, shared, serving })
    }

    /// Where it listens; any path but `/-/…` leads to the node.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// These rules, instead of all others. Calls that hang are cut.
    pub fn set(&self, rules: impl IntoIterator<Item = Rule>) {
        self.shared.set_rules(rules.into_iter().collect());
    }

    /// One rule more, after the others.
    pub fn add(&self, rule: Rule) {
        lock(&self.shared.rules).add(rule);
    }

    /// No faults from here on.
    pub fn heal(&self) {
        self.shared.set_rules(Vec::new());
    }

    /// What happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Until the process ends.
    pub async fn run(mut self) {
        // it ends with a panic only, and there is nothing to clean up
        let _ = (&mut self.serving).await;
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // dropped with this task, and with it every connection
    let mut connections = JoinSet::new();
    while let Ok((connection, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { answer(&shared, request).await }
            });
            // a cut connection is an error here, and meant to be
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Answer, Cut> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST).collect().await.map_err(|_| Cut)?.to_bytes();
    if head.uri.path().starts_with(control::PREFIX) {
        return Ok(control::answer(shared, &head.method, head.uri.path(), &body));
    }
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return Ok(answer::text(400, "not JSON"));
    };
    let method = request["method"].as_str().unwrap_or_default().to_owned();
    lock(&shared.counts).call(&method);
    let rule = lock(&shared.rules).take(&method, &request["params"]);
    let answered = match rule {
        None => shared.upstream.forward(&request).await.map(|value| answer::json(&value)),
        Some(rule) => Ok(inject(shared, &method, &request, &rule).await?),
    };
    answered.map_err(|Unreachable| {
        lock(&shared.counts).node_failures += 1;
        Cut
    })
}

/// What comes back instead.
async fn inject(
    shared: &Shared,
    method: &str,
    request: &Value,
    rule: &Rule,
) -> Result<Answer, Cut> {
    let upstream = &shared.upstream;
    let count = |fault: &str| lock(&shared.counts).inject(fault, method);
    let mut changes = shared.changes.subscribe();
    if rule.acts {
        upstream.forward(request).await?;
    }
    let (id, fault) = (&request["id"], &rule.fault);
    // those two count when they turn out to change something
    if !matches!(fault, Fault::Patch { .. } | Fault::Pool { .. }) {
        count(fault.name());
    }
    Ok(match fault {
        Fault::Delay { .. } => {
            let answered = upstream.forward(request).await?;
            tokio::time::sleep(Duration::from_millis(fault.delay_ms())).await;
            answer::json(&answered)
        }
        Fault::Hang => {
            // nobody changes the rules any more: the proxy ends
            let _ = changes.changed().await;
            return Err(Cut);
        }
        Fault::Drop => return Err(Cut),
        Fault::Status { status } => answer::text(*status, "told to say so"),
        Fault::Html => answer::html(),
        Fault::HalfJson => answer::half_json(id),
        Fault::EmptyBody => answer::empty(),
        Fault::NoResult => answer::no_result(id),
        Fault::WrongId => {
            let mut answered = upstream.forward(request).await?;
            answered["id"] = json!(u32::MAX);
            answer::json(&answered)
        }
        Fault::Huge { bytes } => answer::huge(id, *bytes),
        Fault::Drip => answer::drip(),
        Fault::Result { value } => {
            answer::json(&json!({ "jsonrpc": "2.0", "id": id, "result": value }))
        }
        Fault::Error { code, message } => {
            let error = json!({ "code": code, "message": message });
            answer::json(&json!({ "jsonrpc": "2.0", "id": id, "error": error }))
        }
        Fault::Swallow => answer::json(&pool::taken(request)),
        Fault::Asks { parameter } => {
            let mut asked = request.clone();
            asked["params"][0] = parameter.clone();
            answer::json(&upstream.forward(&asked).await?)
        }
        Fault::ForgetsHash { blocks } => {
            answer::json(&snapshot::ask_by_number(upstream, request, *blocks).await?)
        }
        Fault::Behind { blocks } => {
            answer::json(&snapshot::ask(upstream, request, Newest::Behind(*blocks)).await?)
        }
        Fault::AsOf { block } => {
            answer::json(&snapshot::ask(upstream, request, Newest::Block(*block)).await?)
        }
        Fault::Patch { pointer, value } => {
            let mut answered = upstream.forward(request).await?;
            let result = answered.get_mut("result");
            if let Some(member) = result.and_then(|result| result.pointer_mut(pointer)) {
                *member = value.clone();
                count(fault.name());
            }
            answer::json(&answered)
        }
        Fault::Pool { dialect, percent, refuses_gaps, keeps } => {
            let (dialect, percent) = (*dialect, *percent);
            let (refuses_gaps, keeps) = (*refuses_gaps, *keeps);
            let rules = pool::Rules { dialect, percent, refuses_gaps, keeps };
            let (answered, refused) = shared.pool.take(upstream, request, &rules).await?;
            if let Some(refused) = refused {
                count(refused.name());
            }
            answer::json(&answered)
        }
    })
}
