//! What `ingam verify` asks the chain: of listed registries only, at the head, without a service.

use std::time::Duration;

use chain::{EvmReader, RpcUrl};
use verifier::{AnchoredRecord, ChainReading, Read, ReadingNeeded, Unreachable};

/// Longest wait for one node.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads everything that is needed, each from the first given node that is of its chain.
pub(crate) async fn read_all(needed: &[ReadingNeeded], rpc: &[RpcUrl]) -> Vec<ChainReading> {
    let mut readings = Vec::with_capacity(needed.len());
    for one in needed {
        let ReadingNeeded { chain_id, registry, .. } = *one;
        readings.push(ChainReading { chain_id, registry, outcome: read_any(one, rpc).await });
    }
    readings
}

async fn read_any(needed: &ReadingNeeded, rpc: &[RpcUrl]) -> Result<Read, Unreachable> {
    let mut failures = Vec::new();
    for url in rpc {
        match read(needed, url).await {
            Ok(read) => return Ok(read),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() {
        failures.push("no node was given (--rpc)".to_owned());
    }
    Err(Unreachable(failures.join("; ")))
}

async fn read(needed: &ReadingNeeded, url: &RpcUrl) -> Result<Read, String> {
    let ReadingNeeded { chain_id, registry, commitment, index } = *needed;
    let reader = EvmReader::new(std::slice::from_ref(url), TIMEOUT);
    let reader = reader.map_err(|error| error.to_string())?;
    let answer = reader.read_anchor(registry, commitment, index).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.chain_id != chain_id {
        return Err(format!("{url} is a node of chain {}", answer.chain_id));
    }
    Ok(Read {
        finalized_time: answer.finalized.time,
        finalized_number: answer.finalized.block.number,
        head_number: answer.head.block.number,
        anchored: answer.anchored.map(|fact| AnchoredRecord {
            operator: fact.operator,
            time: fact.time,
            block_number: fact.block_number,
        }),
        revoked: answer.revoked,
    })
}
