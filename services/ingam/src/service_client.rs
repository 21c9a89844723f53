//! The commands that talk to a running service, and how patient they are.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use api::ProblemDocument;
use domain::ApiKey;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, StatusCode};

/// Which service, and who asks.
#[derive(Debug, clap::Args)]
pub(crate) struct ServiceArgs {
    /// The service, as http://127.0.0.1:8080
    #[arg(long, value_name = "URL", env = "INGAM_URL")]
    url: String,
}

/// The key of commands that act for an account.
#[derive(Debug, clap::Args)]
pub(crate) struct KeyArgs {
    /// An API key; the environment keeps it out of the list of processes
    #[arg(long, value_name = "KEY", env = "INGAM_KEY", hide_env_values = true)]
    key: String,
}

/// A service by its URL.
pub(crate) struct ServiceClient {
    http: Client,
    url: String,
    key: Option<ApiKey>,
}

/// Longest wait for an answer; a bulk request is committed before it is answered.
const TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a request is made before giving up.
const ATTEMPTS: u32 = 8;
/// Wait after the first failure; doubled after each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl ServiceClient {
    /// # Errors
    /// The URL is no http(s) URL.
    pub(crate) fn new(service: &ServiceArgs) -> anyhow::Result<Self> {
        let url = service.url.trim_end_matches('/').to_owned();
        let is_http = url.starts_with("http://") || url.starts_with("https://");
        ensure!(is_http, "--url begins with http:// or https://");
        let http = Client::builder().timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT).build()?;
        Ok(Self { http, url, key: None })
    }

    /// # Errors
    /// As [`ServiceClient::new`], or the key is mistyped.
    pub(crate) fn with_key(service: &ServiceArgs, key: &KeyArgs) -> anyhow::Result<Self> {
        Ok(Self { key: Some(key.key.parse()?), ..Self::new(service)? })
    }

    /// `GET path`, repeated until there is an answer.
    ///
    /// # Errors
    /// A problem that repeating does not mend, or the last failure.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Response> {
        self.patiently(|| self.http.get(format!("{}{path}", self.url))).await
    }

    /// `POST path`, repeated until there is an answer: every call of this service is safe to
    /// repeat.
    ///
    /// # Errors
    /// As [`ServiceClient::get`].
    pub(crate) async fn post(
        &self,
        path: &str,
        content_type: &'static str,
        body: &bytes::Bytes,
    ) -> anyhow::Result<Response> {
        let request = || {
            let post = self.http.post(format!("{}{path}", self.url));
            post.header(reqwest::header::CONTENT_TYPE, content_type).body(body.clone())
        };
        self.patiently(request).await
    }

    /// `PUT path`, as [`ServiceClient::post`].
    ///
    /// # Errors
    /// As [`ServiceClient::get`].
    pub(crate) async fn put(
        &self,
        path: &str,
        content_type: &'static str,
        body: &bytes::Bytes,
    ) -> anyhow::Result<Response> {
        let request = || {
            let put = self.http.put(format!("{}{path}", self.url));
            put.header(reqwest::header::CONTENT_TYPE, content_type).body(body.clone())
        };
        self.patiently(request).await
    }

    async fn patiently(&self, request: impl Fn() -> RequestBuilder) -> anyhow::Result<Response> {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let request = match &self.key {
                Some(key) => request().bearer_auth(key.reveal()),
                None => request(),
            };
            let (failure, asked) = match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) if passes(response.status()) => {
                    let asked = retry_after(&response);
                    (problem(response).await, asked)
                }
                Ok(response) => bail!(problem(response).await),
                Err(error) => (format!("{:#}", anyhow::Error::new(error.without_url())), None),
            };
            if attempt == ATTEMPTS {
                bail!("{failure} (after {ATTEMPTS} attempts)");
            }
            let wait_now = asked.unwrap_or(wait).min(LONGEST_WAIT);
            eprintln!("ingam: {failure}; trying again in {:.1} s", wait_now.as_secs_f32());
            tokio::time::sleep(wait_now).await;
            wait *= 2;
            attempt += 1;
        }
    }
}

/// Whether a later request may be answered otherwise.
const fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What a refusal says.
async fn problem(response: Response) -> String {
    let status = response.status();
    match response.json::<ProblemDocument>().await {
        Ok(problem) => describe(&problem),
        Err(_) => format!("the service answered {status}"),
    }
}

/// A problem on one line.
pub(crate) fn describe(problem: &ProblemDocument) -> String {
    let place = problem.pointer.as_deref().map(|place| format!(" at {place}")).unwrap_or_default();
    let advice = problem.presented.as_ref().map(|finding| format!(". {}", finding.advice));
    format!("{}{place}: {}{}", problem.code, problem.detail, advice.unwrap_or_default())
}

/// The text of an answer that is a success.
///
/// # Errors
/// The connection broke.
pub(crate) async fn text(response: Response) -> anyhow::Result<String> {
    response.text().await.map_err(reqwest::Error::without_url).context("the answer was cut off")
}
