//! `ingam breach`: whether statements of broken promises are the service's own word; offline.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use proof::{Breach, BreachError, MAX_BREACH_BYTES, TrustFile};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Check statements of broken promises; needs no service
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One statement with its proof, or a page of `GET /v1/promise/breaches`; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whom to trust
    #[arg(long, value_name = "FILE", env = "INGAM_TRUST")]
    trust: PathBuf,
}

const WRONG: u8 = 1;
const UNKNOWN: u8 = 4;

/// Statements of a page.
const MOST: usize = 1000;

/// An answer of the service.
#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
}

/// Of which only these two are signed.
#[derive(Deserialize)]
struct Item {
    statement: Box<RawValue>,
    proof: Option<Box<RawValue>>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let trust = std::fs::read(&args.trust)
        .with_context(|| format!("cannot read {}", args.trust.display()))?;
    let trust = TrustFile::parse(&trust).context("trust file")?;
    let mut bytes = Vec::new();
    let limit = (MOST * MAX_BREACH_BYTES) as u64;
    if args.file.as_os_str() == "-" {
        std::io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        let file = std::fs::File::open(&args.file)
            .with_context(|| format!("cannot read {}", args.file.display()))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    let mut worst = 0;
    for text in statements(&bytes) {
        let (code, said) = judge(&text, &trust);
        println!("{said}");
        worst = match (worst, code) {
            (WRONG, _) | (_, WRONG) => WRONG,
            (one, other) => one.max(other),
        };
    }
    Ok(ExitCode::from(worst))
}

/// The signed parts of a page, or the one file.
fn statements(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(page) = serde_json::from_slice::<Page>(bytes) else { return vec![bytes.to_vec()] };
    let file = |item: &Item| {
        let proof = item.proof.as_ref().map_or("null", |proof| proof.get());
        format!("{{\"statement\":{},\"proof\":{proof}}}", item.statement.get()).into_bytes()
    };
    page.items.iter().map(file).collect()
}

/// Exit code and line for one.
fn judge(text: &[u8], trust: &TrustFile) -> (u8, String) {
    let breach = match Breach::parse(text) {
        Ok(breach) => breach,
        Err(error) => return (WRONG, format!("no statement of a breach: {error}")),
    };
    let it = &breach.statement;
    let told = format!(
        "breach {} of {}: {} badges of chain {}, due {}, noticed {}",
        it.number, it.service, it.badges, it.chain_id, it.deadline_at, it.noticed_at
    );
    match trust.check_breach(&breach) {
        Ok(()) => (0, format!("{told}: stated by the service")),
        Err(
            error @ (BreachError::UnknownService
            | BreachError::UnknownRegistry
            | BreachError::UnknownKey),
        ) => (UNKNOWN, format!("{told}: {error}")),
        Err(error) => (WRONG, format!("{told}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use proof::{Address, BreachStatement, ReceiptKey, ReceiptKeyEntry, RegistryEntry, Timestamp};

    use super::*;

    #[test]
    fn a_page_and_a_file_are_judged_by_the_trust_file() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let (key, registry) = (ReceiptKey::from_seed([3; 32]), Address([7; 20]));
        let mut trust = TrustFile {
            service: "test".to_owned(),
            registries: vec![RegistryEntry {
                chain_id: 7,
                registry,
                token_contracts: Vec::new(),
                from_block: 0,
                until_block: None,
                distrusted_operators: Vec::new(),
            }],
            receipt_keys: vec![ReceiptKeyEntry::new(key.public(), at(1))],
            issuers: Vec::new(),
            published_at: at(1),
        };
        let breach = key.state_breach(BreachStatement {
            service: "test".to_owned(),
            number: 1,
            chain_id: 7,
            registry,
            badges: 2,
            commitment: None,
            deadline_at: at(100),
            noticed_at: at(200),
        });
        let file = serde_json::to_vec(&breach).unwrap();
        assert_eq!(statements(&file), std::slice::from_ref(&file));
        let item = String::from_utf8(file.clone()).unwrap().replacen('{', "{\"late\":2,", 1);
        let page = statements(format!("{{\"items\":[{item}],\"next\":\"1\"}}").as_bytes());
        assert_eq!(page.len(), 1);
        assert_eq!(judge(&page[0], &trust).0, 0);
        let altered =
            String::from_utf8(file.clone()).unwrap().replace("\"badges\":2", "\"badges\":1");
        assert_eq!(judge(altered.as_bytes(), &trust).0, WRONG);
        assert_eq!(judge(b"{}", &trust).0, WRONG);
        trust.receipt_keys.clear();
        assert_eq!(judge(&file, &trust).0, UNKNOWN);
    }
}
