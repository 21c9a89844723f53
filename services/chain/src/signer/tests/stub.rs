//! A server that answers as a test tells it: HTTP/1.1, one request a connection.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What came in.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    /// All header lines, in lower case.
    pub(super) headers: String,
    /// Null where there was no JSON.
    pub(super) body: Value,
}

/// What goes back.
pub(super) enum Reply {
    /// Status and body.
    Http(u16, String),
    /// Nothing, while the connection stays open.
    Silence,
    /// Nothing, and the connection ends.
    Cut,
}

/// Starts it; where it listens.
pub(super) async fn serve(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move { reply(connection, &*answer).await });
        }
    });
    url
}

async fn reply(mut connection: TcpStream, answer: &(dyn Fn(&Asked) -> Reply + Send + Sync)) {
    let Some(asked) = read(&mut connection).await else { return };
    let (status, body) = match answer(&asked) {
        Reply::Http(status, body) => (status, body),
        Reply::Silence => return std::future::pending().await,
        Reply::Cut => return,
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Told\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // a client that has gone away needs no answer
    let _ = connection.write_all((head + &body).as_bytes()).await;
}

async fn read(connection: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let (first, headers) = head.split_once("\r\n")?;
        let headers = headers.to_lowercase();
        let length = headers.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(Some(0), |length| length.trim().parse().ok())?;
        if bytes.len() < end + 4 + length {
            continue;
        }
        let mut words = first.split(' ');
        return Some(Asked {
            method: words.next()?.to_owned(),
            path: words.next()?.to_owned(),
            headers,
            body: serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default(),
        });
    }
}
