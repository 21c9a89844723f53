//! What `ingam verify` asks the chain: of listed registries and collections only, at the head,
//! without a service.

use std::time::Duration;

use chain::{AnchorReading, EvmReader, RpcUrl};
use verifier::{
    AnchoredRecord, ChainReading, Read, ReadingNeeded, Readings, ReadingsNeeded, TokenRead,
    TokenReading, TokenReadingNeeded, Unreachable,
};

/// Longest wait for one node.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads everything that is needed, each from the first given node that is of its chain.
pub(crate) async fn read_all(needed: &ReadingsNeeded, rpc: &[RpcUrl]) -> Readings {
    let mut readings = Readings::default();
    for one in &needed.anchors {
        let ReadingNeeded { chain_id, registry, .. } = *one;
        let outcome = first_of(rpc, async |url| read_anchor(one, url).await).await;
        readings.anchors.push(ChainReading { chain_id, registry, outcome });
    }
    if let Some(one) = &needed.token {
        let TokenReadingNeeded { contract, id, .. } = *one;
        let outcome = first_of(rpc, async |url| read_token(one, url).await).await;
        let chain_id = one.registry.chain_id;
        readings.token = Some(TokenReading { chain_id, contract, id, outcome });
    }
    readings
}

async fn first_of<T>(
    rpc: &[RpcUrl],
    read: impl AsyncFn(&RpcUrl) -> Result<T, String>,
) -> Result<T, Unreachable> {
    let mut failures = Vec::new();
    for url in rpc {
        match read(url).await {
            Ok(read) => return Ok(read),
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() {
        failures.push("no node was given (--rpc)".to_owned());
    }
    Err(Unreachable(failures.join("; ")))
}

fn reader(url: &RpcUrl) -> Result<EvmReader, String> {
    EvmReader::new(std::slice::from_ref(url), TIMEOUT).map_err(|error| error.to_string())
}

async fn read_anchor(needed: &ReadingNeeded, url: &RpcUrl) -> Result<Read, String> {
    let ReadingNeeded { registry, commitment, index, .. } = *needed;
    let answer = reader(url)?.read_anchor(registry, commitment, index).await;
    of_its_chain(needed, url, answer.map_err(|error| error.to_string())?)
}

async fn read_token(needed: &TokenReadingNeeded, url: &RpcUrl) -> Result<TokenRead, String> {
    let TokenReadingNeeded { registry: batch, contract, id } = needed;
    let index = id.index();
    let answer = reader(url)?.read_token(batch.registry, *contract, batch.commitment, index).await;
    let answer = answer.map_err(|error| error.to_string())?;
    Ok(TokenRead {
        registry: of_its_chain(batch, url, answer.registry)?,
        minted: answer.owners_hash.is_some(),
        valid: answer.token.valid,
        owner: answer.token.owner,
    })
}

fn of_its_chain(
    needed: &ReadingNeeded,
    url: &RpcUrl,
    answer: AnchorReading,
) -> Result<Read, String> {
    if answer.chain_id != needed.chain_id {
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
