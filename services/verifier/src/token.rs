//! The check `token`: whether the document's token is the badge's, and what became of it.

use proof::{ProofDocument, RegistryEntry, TokenRef, TrustFile};

use crate::finding::{Finding, Weight};
use crate::reading::{TokenRead, TokenReading};
use crate::report::{CheckName, TokenReport, TokenStatus};

/// `None` for a document without token.
pub(crate) fn check(
    document: &ProofDocument,
    trust: &TrustFile,
    reading: Option<&TokenReading>,
) -> Option<(Finding, TokenReport)> {
    let token = document.token.as_ref()?;
    let report = match document.computed_token()? {
        Ok(_) => look_up(token, trust, reading),
        Err(error) => told(token, TokenStatus::Foreign, error.to_string()),
    };
    Some((finding(&report), report))
}

fn told(token: &TokenRef, status: TokenStatus, detail: String) -> TokenReport {
    TokenReport {
        chain_id: token.chain_id,
        contract: token.contract,
        id: token.id,
        status,
        detail,
        registry: None,
        owner: None,
        block_number: None,
        block_time: None,
        stale_hints: Vec::new(),
    }
}

fn look_up(token: &TokenRef, trust: &TrustFile, reading: Option<&TokenReading>) -> TokenReport {
    let (chain, contract) = (token.chain_id, token.contract);
    let Some(entry) = trust.collection(chain, &contract) else {
        let detail = format!(
            "unknown collection: the trust file does not list collection {contract} on chain {chain}"
        );
        return told(token, TokenStatus::UnknownCollection, detail);
    };
    let asked = reading.filter(|reading| {
        (reading.chain_id, reading.contract, reading.id) == (chain, contract, token.id)
    });
    let read = match asked.map(|reading| &reading.outcome) {
        Some(Ok(read)) => read,
        Some(Err(why)) => {
            let detail = format!("the token on chain {chain} could not be read: {why}");
            return told(token, TokenStatus::Unreachable, detail);
        }
        None => {
            let detail = format!("the token on chain {chain} was not read");
            return told(token, TokenStatus::Unreachable, detail);
        }
    };
    let (status, detail) = judge(token, entry, read);
    let anchored = read.registry.anchored;
    TokenReport {
        registry: Some(entry.registry),
        owner: read.owner,
        block_number: anchored.map(|anchored| anchored.block_number),
        block_time: anchored.map(|anchored| anchored.time),
        stale_hints: stale_hints(token, read),
        ..told(token, status, detail)
    }
}

/// The state is told apart as by calls that never revert, so that a verifier which cannot read the
/// reason of a failed `ownerOf` comes to the same.
fn judge(token: &TokenRef, entry: &RegistryEntry, read: &TokenRead) -> (TokenStatus, String) {
    let TokenRef { chain_id, contract, id, .. } = token;
    let of = format!("token {id} of {contract} on chain {chain_id}");
    let (Some(anchored), true) = (&read.registry.anchored, read.minted) else {
        return (TokenStatus::NotMinted, format!("{of} is not minted"));
    };
    if let Err(distrust) = entry.judge(&anchored.operator, anchored.block_number) {
        return (TokenStatus::Distrusted, format!("{of} was {distrust}"));
    }
    match (read.valid, read.owner) {
        (true, Some(owner)) if anchored.time <= read.registry.finalized_time => {
            (TokenStatus::Held, format!("{of} is held by {owner}"))
        }
        (true, Some(owner)) => (
            TokenStatus::Provisional,
            format!("{of} is held by {owner}, but not final yet: minted at {}", anchored.time),
        ),
        (true, None) => {
            (TokenStatus::Unreachable, format!("{of} is valid and has no owner, as its node says"))
        }
        (false, _) if read.registry.revoked => {
            (TokenStatus::Revoked, format!("{of} is revoked; the badge has its own revocation"))
        }
        (false, _) => (TokenStatus::Burned, format!("{of} was burned by its owner")),
    }
}

fn stale_hints(token: &TokenRef, read: &TokenRead) -> Vec<String> {
    let other = read.owner.is_some() && token.owner.is_some() && read.owner != token.owner;
    other.then(|| "owner".to_owned()).into_iter().collect()
}

/// What belongs to another badge was altered, what the trust file does not list is unknown. All else
/// says nothing of the badge, which its own anchor proves.
fn finding(report: &TokenReport) -> Finding {
    use TokenStatus as S;
    let (name, detail) = (CheckName::Token, report.detail.as_str());
    match report.status {
        S::Held => Finding::passed(name, detail),
        S::Provisional | S::NotMinted | S::Revoked | S::Burned | S::Distrusted => {
            Finding::failed(name, Weight::None, detail)
        }
        S::Unreachable => Finding::not_checked(name, Weight::None, detail),
        S::UnknownCollection => Finding::not_checked(name, Weight::Unknown, detail),
        S::Foreign => Finding::failed(name, Weight::Wrong, detail),
    }
}
