//! A node that answers as a test tells it: the HTTP around JSON-RPC, one request per connection.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What comes back.
#[derive(Clone)]
pub(crate) enum Reply {
    /// HTTP status and body.
    Http(u16, String),
    /// `result`, to the request's own id.
    Result(Value),
    /// `error` with this message.
    Error(&'static str),
    /// What this node says.
    Forward(String),
}

pub(crate) struct ScriptedNode {
    pub(crate) url: String,
    methods: Arc<Mutex<Vec<String>>>,
}

impl ScriptedNode {
    pub(crate) async fn start(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let methods = Arc::new(Mutex::new(Vec::new()));
        let node = Self { url, methods: Arc::clone(&methods) };
        let script = Arc::new(script);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (script, methods) = (Arc::clone(&script), Arc::clone(&methods));
                tokio::spawn(async move { answer(connection, &*script, &methods).await });
            }
        });
        node
    }

    /// The methods that were called, in order.
    pub(crate) fn methods(&self) -> Vec<String> {
        self.methods.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn answer(
    mut connection: TcpStream,
    script: &(dyn Fn(&str) -> Reply + Send + Sync),
    methods: &Mutex<Vec<String>>,
) {
    let Some(body) = read_request(&mut connection).await else { return };
    let request: Value = serde_json::from_slice(&body).expect("the client sends JSON");
    let method = request["method"].as_str().expect("every request has a method").to_owned();
    methods.lock().unwrap_or_else(PoisonError::into_inner).push(method.clone());
    let id = &request["id"];
    let (status, body) = match script(&method) {
        Reply::Http(status, body) => (status, body),
        Reply::Result(result) => {
            (200, serde_json::json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string())
        }
        Reply::Error(message) => {
            let error = serde_json::json!({ "code": -32000, "message": message });
            (200, serde_json::json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string())
        }
        Reply::Forward(url) => {
            let sent = reqwest::Client::new().post(url).json(&request).send().await;
            (200, sent.expect("the node answers").text().await.expect("the node answers"))
        }
    };
    let head = format!(
        "HTTP/1.1 {status} Told\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // a client that has gone away needs no answer
    let _ = connection.write_all((head + &body).as_bytes()).await;
}

/// The body of a POST with `Content-Length`.
async fn read_request(connection: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        let length: usize = length.trim().parse().ok()?;
        if bytes.len() >= end + 4 + length {
            return Some(bytes.split_off(end + 4));
        }
    }
}
