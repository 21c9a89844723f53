//! The proxy as a process, for tests that are not written in Rust.

use chaos_rpc::ChaosRpc;
use clap::Parser;

/// A JSON-RPC proxy that injects faults: PUT a JSON array of rules to /-/rules, DELETE it to heal,
/// GET /-/counts to see what happened.
#[derive(Parser)]
struct Arguments {
    /// The node behind it.
    #[arg(long)]
    upstream: String,
    /// Where it listens; the first line of its output tells the port.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Decides the faults that happen by chance.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let Arguments { upstream, listen, seed } = Arguments::parse();
    let proxy = ChaosRpc::start_at(&upstream, seed, &listen).await?;
    println!("Listening on {}", proxy.url());
    proxy.run().await;
    Ok(())
}
