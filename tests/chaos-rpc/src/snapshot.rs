//! A node that is behind: each answer is the one that the chain gave so many blocks ago.

use serde_json::{Value, json};

use crate::upstream::{Unreachable, Upstream, quantity};

/// The newest block of a node that is behind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Newest {
    Behind(u64),
    Block(u64),
}

/// Where a method takes its block.
fn block_parameter(method: &str) -> Option<usize> {
    match method {
        "eth_getBlockByNumber" => Some(0),
        "eth_call"
        | "eth_estimateGas"
        | "eth_getTransactionCount"
        | "eth_getBalance"
        | "eth_getCode" => Some(1),
        "eth_getStorageAt" => Some(2),
        _ => None,
    }
}

/// The answer of the node to this request, as if `newest` were its newest block.
pub(crate) async fn ask(
    upstream: &Upstream,
    request: &Value,
    newest: Newest,
) -> Result<Value, Unreachable> {
    let head = upstream.number("eth_blockNumber", json!([])).await? as u64;
    let newest = match newest {
        Newest::Behind(blocks) => head.saturating_sub(blocks),
        Newest::Block(block) => head.min(block),
    };
    let method = request["method"].as_str().unwrap_or_default();
    let result = |value: Value| json!({ "jsonrpc": "2.0", "id": request["id"], "result": value });
    let mut asked = request.clone();
    match method {
        "eth_blockNumber" => return Ok(result(json!(format!("{newest:#x}")))),
        "eth_getLogs" => {
            let filter = &mut asked["params"][0];
            if block_number(&filter["fromBlock"]).is_some_and(|from| from > newest) {
                return Ok(result(json!([])));
            }
            let to = block_number(&filter["toBlock"]).unwrap_or(newest).min(newest);
            filter["toBlock"] = json!(format!("{to:#x}"));
        }
        _ => {}
    }
    if let Some(at) = block_parameter(method) {
        let given = request["params"].get(at).cloned().unwrap_or(json!("latest"));
        match known(upstream, &given, head, newest).await? {
            Some(block) => set(&mut asked["params"], at, block),
            None if at == 0 => return Ok(result(Value::Null)),
            None => {
                let error = json!({ "code": -32001, "message": "header not found" });
                return Ok(json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }));
            }
        }
    }
    let answer = upstream.forward(&asked).await?;
    // what was mined later is not known yet
    let of = &answer["result"];
    let mined = block_number(&of["blockNumber"]).or_else(|| block_number(&of["number"]));
    let later = mined.is_some_and(|block| block > newest);
    Ok(if later { result(Value::Null) } else { answer })
}

/// The answer of the node to this request, with a block number in place of a block hash.
pub(crate) async fn ask_by_number(
    upstream: &Upstream,
    request: &Value,
    blocks: u64,
) -> Result<Value, Unreachable> {
    let mut asked = request.clone();
    let method = request["method"].as_str().unwrap_or_default();
    if let Some(at) = block_parameter(method)
        && asked["params"][at].get("blockHash").is_some()
    {
        let head = upstream.number("eth_blockNumber", json!([])).await? as u64;
        let number = json!(format!("{:#x}", head.saturating_sub(blocks)));
        set(&mut asked["params"], at, number);
    }
    upstream.forward(&asked).await
}

/// The block that is meant, where the node that is behind knows it.
async fn known(
    upstream: &Upstream,
    given: &Value,
    head: u64,
    newest: u64,
) -> Result<Option<Value>, Unreachable> {
    let number = |number: u64| Some(json!(format!("{number:#x}")));
    if let Some(hash) = given.get("blockHash") {
        let block = upstream.ask("eth_getBlockByHash", json!([hash, false])).await?;
        let there = block_number(&block["number"]).is_some_and(|block| block <= newest);
        return Ok(there.then(|| given.clone()));
    }
    let given = given.get("blockNumber").unwrap_or(given);
    Ok(match given.as_str() {
        Some("latest" | "pending") => number(newest),
        Some(tag @ ("finalized" | "safe")) => {
            let block = upstream.ask("eth_getBlockByNumber", json!([tag, false])).await?;
            let below_head = head.saturating_sub(block_number(&block["number"]).unwrap_or(0));
            number(newest.saturating_sub(below_head))
        }
        _ => match block_number(given) {
            Some(block) if block > newest => None,
            _ => Some(given.clone()),
        },
    })
}

fn set(params: &mut Value, at: usize, block: Value) {
    if let Some(params) = params.as_array_mut() {
        params.resize(params.len().max(at + 1), Value::Null);
        params[at] = block;
    }
}

fn block_number(value: &Value) -> Option<u64> {
    quantity(value)?.try_into().ok()
}
