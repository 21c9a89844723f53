//! The command line: one file per command under `commands/`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    account, api, audit, breach, collection, deploy, digest, embed, export, export_tokens, fees,
    issuer, key, migrate, proof, recipient, restore, serve, signer, submit, trust, verify, worker,
};
use crate::config::Config;

/// Anchors digital badges on an EVM chain, so that anyone can check them without us.
#[derive(Debug, Parser)]
#[command(name = "ingam", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration is.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration file
    #[arg(
        long = "config",
        value_name = "FILE",
        env = "INGAM_CONFIG",
        default_value = "ingam.toml",
        global = true
    )]
    path: PathBuf,
}

impl ConfigFile {
    /// Reads and checks it, with the environment.
    ///
    /// # Errors
    /// See [`Config::load`].
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        Config::load(&self.path, &|name| std::env::var(name).ok())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service: API and worker in one process
    Serve(serve::Args),
    /// Run the API alone (PostgreSQL)
    Api(api::Args),
    /// Run the worker alone (PostgreSQL)
    Worker(worker::Args),
    /// Prepare database, receipt key and token secret
    Migrate(migrate::Args),
    /// Go on from a restored backup of the database
    Restore(restore::Args),
    /// Deploy a registry
    Deploy(deploy::Args),
    /// Platforms that post badges
    #[command(subcommand)]
    Account(account::Command),
    /// Universities and bodies that badges are anchored for
    #[command(subcommand)]
    Issuer(issuer::Command),
    /// The account that sends transactions
    #[command(subcommand)]
    Signer(signer::Command),
    /// Collections of badge tokens
    #[command(subcommand)]
    Collection(collection::Command),
    /// API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Publish and print the trust file
    Trust(trust::Args),
    /// Submit badges to a service
    ///
    /// Prints a line for each accepted badge, separated by tabs: id, digest, deadline, proof token,
    /// file.
    Submit(submit::Args),
    /// Ask for a token of a badge
    Recipient(recipient::Args),
    /// Fetch proofs from a service
    Proof(proof::Args),
    /// Verify a badge with its proof, beside it or inside it; needs no service
    ///
    /// Exit codes: 0 verified and final, 1 not verified, 2 wrong usage, 3 provisional, 4 could not be
    /// checked (no RPC, unknown service), 5 authentic, but revoked or expired. Of several badges, the
    /// worst counts: 1 before 2 (a file that cannot be read, or has no proof), then 5, 4 and 3.
    Verify(verify::Args),
    /// Check statements of broken promises with a trust file; needs no service
    ///
    /// Exit codes: 0 each is the service's own word, 1 one is not, 2 wrong usage, 4 unknown service,
    /// registry or key.
    Breach(breach::Args),
    /// Print the digest of badges
    Digest(digest::Args),
    /// Write a badge's proof into the badge; needs no service
    ///
    /// Digest and issuer's signature stay as they are. But a verifier that demands that every entry
    /// of a JSON credential's `proof` verifies rejects one that it does not know: for such, keep the
    /// proof as a file of its own, or embed it in the baked image.
    Embed(embed::Args),
    /// Fetch all final proofs of an account
    Export(export::Args),
    /// Write ERC-721 metadata as static files
    ExportTokens(export_tokens::Args),
    /// What blocks cost
    #[command(subcommand)]
    Fees(fees::Command),
    /// Recompute everything and compare with the chain
    Audit(audit::Args),
}

impl Cli {
    /// Whether it runs until it is told to stop.
    pub(crate) const fn serves(&self) -> bool {
        matches!(self.command, Command::Serve(_) | Command::Api(_) | Command::Worker(_))
    }

    /// Runs the command.
    ///
    /// # Errors
    /// What to tell the user; the process then exits with 1.
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.config;
        match self.command {
            Command::Serve(args) => serve::run(args, &config).await,
            Command::Api(args) => api::run(args, &config).await,
            Command::Worker(args) => worker::run(args, &config).await,
            Command::Migrate(args) => migrate::run(args, &config).await,
            Command::Restore(args) => restore::run(args, &config).await,
            Command::Deploy(args) => deploy::run(args).await,
            Command::Account(command) => account::run(command, &config).await,
            Command::Issuer(command) => issuer::run(command, &config).await,
            Command::Signer(command) => signer::run(command, &config).await,
            Command::Collection(command) => collection::run(command, &config).await,
            Command::Key(command) => key::run(command, &config).await,
            Command::Trust(args) => trust::run(args, &config).await,
            Command::Submit(args) => submit::run(args).await,
            Command::Recipient(args) => recipient::run(args).await,
            Command::Proof(args) => proof::run(args).await,
            Command::Verify(args) => verify::run(args).await,
            Command::Breach(args) => breach::run(&args),
            Command::Digest(args) => Ok(digest::run(&args)),
            Command::Embed(args) => embed::run(&args),
            Command::Export(args) => export::run(args).await,
            Command::ExportTokens(args) => export_tokens::run(args, &config).await,
            Command::Fees(command) => fees::run(&command),
            Command::Audit(args) => audit::run(args, &config).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn documented_commands_are_read() {
        for line in [
            "serve --config a.toml --insecure-dev-key --adopt-nonce",
            "api --config a.toml",
            "worker",
            "migrate --config a.toml",
            "deploy --chain-id 1 --rpc http://127.0.0.1:8545 --keystore k.json --password-file p \
             --operator 0x00000000000000000000000000000000000000a0",
            "deploy --chain-id 31337 --rpc http://a/ --insecure-dev-key --json \
             --operator 0x00000000000000000000000000000000000000a0 --database sqlite:a.db",
            "collection open --name Badges --minter 0x00000000000000000000000000000000000000a0 \
             --keystore k --password-file p --issuer 3",
            "signer address --insecure-dev-key",
            "signer check --json --collection 0x00000000000000000000000000000000000000a0",
            "collection list --json",
            "collection announce 0x00000000000000000000000000000000000000a0 --keystore k \
             --password-file p --since 2026-03-01T00:00:00.000Z",
            "account add Hanbit --json",
            "account list",
            "issuer add --account 1 https://hanbit.ac.kr/ --alias did:web:hanbit.ac.kr --control manual",
            "issuer list --account 1",
            "issuer disable 3",
            "key add --account 1 --scopes ingest,read --issuer 2 --expires 2027-01-01T00:00:00Z",
            "key list --account 1",
            "key revoke --account 1 ingam_01234567",
            "trust --out trust.json",
            "submit a.json b.json --url http://127.0.0.1:8080 --key k --receipts receipts",
            "submit --bulk badges.ndjson --url http://127.0.0.1:8080 --key k --receipts r.ndjson",
            "submit a.json --url http://a/ --key k --recipient 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed \
             --metadata m.json",
            "recipient 7 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --url http://a/ --key k \
             --replaces 0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "proof abc --url http://127.0.0.1:8080 --wait --out proofs",
            "verify badge.json --proof proof.json --trust trust.json --rpc http://a/ --rpc http://b/ --json",
            "verify badge-with-proof.png --trust trust.json --rpc http://a/",
            "digest a.json b.json",
            "digest --json --recursive badges a.png",
            "submit badges --recursive --url http://127.0.0.1:8080 --key k",
            "verify badges other.svg --proof proofs --json",
            "embed badge.png proof.json -o with-proof.png",
            "export --url http://127.0.0.1:8080 --key k --out proofs.ndjson",
            "export-tokens out --collection 0x00000000000000000000000000000000000000a0",
            "fees simulate deploy/fees/synthetic-l1.csv --latest-first-send 18h --json",
            "fees simulate trace.csv --profile polygon --mint --badges-per-day 5000 --on-cap breach-promise",
            "audit --json",
            "restore --erasures a.log --erasures b.log",
            "audit prove 17",
            "audit prove --trust-version 2",
            "audit seal-log",
        ] {
            let words = std::iter::once("ingam").chain(line.split(' '));
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn wrong_usage_is_refused() {
        for line in [
            "",
            "verify",
            "verify --proof proof.json",
            "submit --url http://a --key k",
            "submit a.json --bulk b.ndjson --url http://a --key k",
            "digest",
            "recipient 7 0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --url http://a/ --key k",
            "embed badge.png proof.json",
            "fees simulate trace.csv --latest-first-send 18",
            "fees simulate trace.csv --latest-first-send 169h",
            "fees simulate trace.csv --profile l3",
            "issuer add --account 1 http://not.https/",
            "key add --account 1 --scopes everything",
            "proof --url http://a",
            "verify badge.json --proof proof.json --rpc not-a-url",
            "audit prove",
            "audit --json seal-log",
            "deploy --chain-id 1 --rpc http://a/ --keystore k --password-file p",
        ] {
            let words = std::iter::once("ingam").chain(line.split(' ').filter(|w| !w.is_empty()));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
