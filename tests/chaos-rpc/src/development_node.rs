//! anvil, started for one test and stopped after it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A running anvil. It ends with the value.
#[derive(Debug)]
pub struct DevelopmentNode {
    process: Child,
    /// Where it listens.
    pub url: String,
}

impl Drop for DevelopmentNode {
    fn drop(&mut self) {
        // it may have ended by itself, and there is nobody left to tell
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn binary() -> Option<PathBuf> {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/node_modules/.bin/anvil");
    let path = std::env::var_os("ANVIL").map_or_else(|| PathBuf::from(installed), PathBuf::from);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("INGAM_SKIP_ANVIL").is_some_and(|value| value == "1"),
        "{} does not exist: install the contract tools, name another one in ANVIL, or set \
         INGAM_SKIP_ANVIL=1 to do without these tests",
        path.display()
    );
    eprintln!("skipped: no anvil, and INGAM_SKIP_ANVIL=1");
    None
}

impl DevelopmentNode {
    /// The chain id of every one that is not told otherwise.
    pub const CHAIN_ID: u64 = 31_337;

    /// `None` where the tests may be skipped and there is no anvil.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// As [`Self::start`], with further arguments.
    ///
    /// # Panics
    /// It does not start, or is not installed and `INGAM_SKIP_ANVIL` is not 1.
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Option<Self> {
        // the tests' own HTTP clients need one; another test may have been first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut process = Command::new(binary()?)
            .args(["--port", "0", "--enable-tx-gas-limit", "--slots-in-an-epoch", "1"])
            .args(["--chain-id", &Self::CHAIN_ID.to_string()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("anvil starts");
        let output = process.stdout.take().expect("standard output is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line.strip_prefix("Listening on ")?.to_owned()));
        // what anvil prints later must go somewhere, or it stops when the pipe is full
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://{}", address.expect("anvil listens"));
        Some(Self { process, url })
    }

    /// The result of a call.
    ///
    /// # Panics
    /// It does not answer, or with an error.
    pub async fn rpc(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let sent = reqwest::Client::new().post(&self.url).json(&request).send().await;
        let response = sent.expect("anvil answers");
        let mut answer: Value = response.json().await.expect("anvil answers JSON");
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Mines so many blocks, with what the pool has.
    pub async fn mine(&self, blocks: u64) {
        self.rpc("anvil_mine", json!([format!("{blocks:#x}")])).await;
    }
}
