//! The proxy before a real anvil: each fault is what it says it is.

use chaos_rpc::{ChaosRpc, Counts, DevelopmentNode, Fault, Rule};
use serde_json::{Value, json};

/// The status and the body; `None` where the connection ended without an answer.
async fn ask(url: &str, method: &str, params: Value) -> Option<(u16, String)> {
    let request = json!({ "jsonrpc": "2.0", "id": 5, "method": method, "params": params });
    let answer = reqwest::Client::new().post(url).json(&request).send().await.ok()?;
    Some((answer.status().as_u16(), answer.text().await.ok()?))
}

async fn result(url: &str, method: &str, params: Value) -> Value {
    let (_, body) = ask(url, method, params).await.expect("an answer");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(answer["id"], 5, "{answer}");
    answer.get("result").unwrap_or(&answer["error"]).clone()
}

async fn before_anvil() -> Option<(DevelopmentNode, ChaosRpc)> {
    let node = DevelopmentNode::start()?;
    let proxy = ChaosRpc::start(&node.url, 1).await;
    Some((node, proxy))
}

#[tokio::test]
async fn an_answer_is_passed_on_or_replaced() {
    let Some((node, proxy)) = before_anvil().await else { return };
    node.mine(3).await;
    let head = async || ask(proxy.url(), "eth_blockNumber", json!([])).await;
    let good = head().await.unwrap();
    assert_eq!(good.0, 200);
    for (fault, status, part) in [
        (Fault::Status { status: 429 }, 429, ""),
        (Fault::Status { status: 503 }, 503, ""),
        (Fault::Html, 200, "<!doctype html>"),
        (Fault::HalfJson, 200, r#"{"jsonrpc":"2.0","id":5,"resul"#),
        (Fault::EmptyBody, 200, ""),
        (Fault::NoResult, 200, r#""id":5"#),
        (Fault::WrongId, 200, r#""id":4294967295"#),
        (Fault::Huge { bytes: 200_000 }, 200, "aaaa"),
        (Fault::Result { value: json!("0x7") }, 200, r#""result":"0x7""#),
        (Fault::Error { code: -32000, message: "no".to_owned() }, 200, r#""message":"no""#),
        (Fault::Delay { milliseconds: 1 }, 200, "0x3"),
    ] {
        let name = fault.name();
        proxy.set([Rule::always(fault).times(1)]);
        let (told, body) = head().await.unwrap();
        assert_eq!(told, status, "{name}");
        assert!(body.contains(part), "{name}: {body}");
        assert!(name == "delay" || (told, &body) != (good.0, &good.1), "{name}");
        assert_eq!(head().await.unwrap(), good, "{name} happens once");
    }
    proxy.set([Rule::always(Fault::Drop).times(1)]);
    assert_eq!(head().await, None);
    assert_eq!(head().await.unwrap(), good);
    let counts = proxy.counts();
    assert_eq!((counts.injected("status"), counts.injected("drop"), counts.total()), (2, 1, 12));
}

#[tokio::test]
async fn a_hanging_call_is_cut_when_the_rules_change() {
    let Some((_node, proxy)) = before_anvil().await else { return };
    proxy.set([Rule::on("eth_blockNumber", Fault::Hang)]);
    let url = proxy.url().to_owned();
    let hanging = tokio::spawn(async move { ask(&url, "eth_blockNumber", json!([])).await });
    while proxy.counts().injected("hang") == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!hanging.is_finished());
    proxy.heal();
    assert_eq!(hanging.await.unwrap(), None);
    assert_eq!(result(proxy.url(), "eth_blockNumber", json!([])).await, "0x0");
}

#[tokio::test]
async fn a_lost_answer_is_not_a_lost_call() {
    let Some((node, proxy)) = before_anvil().await else { return };
    let mine = async || ask(proxy.url(), "anvil_mine", json!(["0x1"])).await;
    proxy.set([Rule::always(Fault::Drop).times(1)]);
    assert_eq!(mine().await, None);
    assert_eq!(node.rpc("eth_blockNumber", json!([])).await, "0x0");
    proxy.set([Rule::always(Fault::Drop).times(1).after_acting()]);
    assert_eq!(mine().await, None);
    assert_eq!(node.rpc("eth_blockNumber", json!([])).await, "0x1");
}

#[tokio::test]
async fn a_node_that_is_behind_is_so_in_everything() {
    let Some((node, proxy)) = before_anvil().await else { return };
    let account = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
    node.mine(10).await;
    let sent = json!({ "from": account, "to": account, "value": "0x1" });
    let hash = node.rpc("eth_sendTransaction", json!([sent])).await;
    node.mine(2).await;
    let newest = node.rpc("eth_getBlockByNumber", json!(["latest", false])).await;
    let by_hash = json!({ "blockHash": newest["hash"] });

    proxy.set([Rule::always(Fault::Behind { blocks: 4 })]);
    let url = proxy.url();
    let number = async |tag: &str| {
        result(url, "eth_getBlockByNumber", json!([tag, false])).await["number"].clone()
    };
    assert_eq!(result(url, "eth_blockNumber", json!([])).await, "0x9");
    assert_eq!(number("latest").await, "0x9");
    assert_eq!(number("finalized").await, "0x7");
    assert_eq!(number("0x9").await, "0x9");
    assert_eq!(number("0xa").await, Value::Null);
    let nonce = |at: Value| result(url, "eth_getTransactionCount", json!([account, at]));
    assert_eq!(nonce(json!("latest")).await, "0x0");
    assert_eq!(nonce(by_hash.clone()).await["message"], "header not found");
    assert_eq!(result(url, "eth_getTransactionReceipt", json!([hash])).await, Value::Null);

    proxy.set([Rule::always(Fault::AsOf { block: 11 })]);
    assert_eq!(number("latest").await, "0xb");
    assert_eq!(nonce(json!("latest")).await, "0x1");
    assert_ne!(result(url, "eth_getTransactionReceipt", json!([hash])).await, Value::Null);
    proxy.heal();
    assert_eq!(nonce(by_hash).await, "0x1");
}

#[tokio::test]
async fn it_is_steered_from_another_process() {
    let Some((_node, proxy)) = before_anvil().await else { return };
    let http = reqwest::Client::new();
    let (rules, counts) = (format!("{}/-/rules", proxy.url()), format!("{}/-/counts", proxy.url()));
    let rule = json!([{ "methods": ["eth_chainId"], "fault": "result", "value": "0x7" }]);
    assert!(http.put(&rules).json(&rule).send().await.unwrap().status().is_success());
    assert_eq!(result(proxy.url(), "eth_chainId", json!([])).await, "0x7");
    let told: Value = http.get(&counts).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["injected"]["result"]["eth_chainId"], 1, "{told}");
    assert_eq!(told["calls"]["eth_chainId"], 1);
    let wrong = http.put(&rules).body("[{}]").send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    let told: Value = http.get(&rules).send().await.unwrap().json().await.unwrap();
    assert_eq!(told.as_array().map(Vec::len), Some(1), "a wrong list changes nothing");
    assert!(http.delete(&rules).send().await.unwrap().status().is_success());
    assert_eq!(result(proxy.url(), "eth_chainId", json!([])).await, "0x7a69");
    assert_ne!(proxy.counts(), Counts::default());
}
