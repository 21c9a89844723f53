//! The anchors of a document: which are listed, what their chains say, which one decides.

use proof::{AnchorDistrust, AnchorHint, ProofDocument, RegistryEntry, Timestamp, TrustFile};

use crate::finding::{Finding, Weight};
use crate::reading::{AnchoredRecord, ChainReading, Read};
use crate::report::{AnchorReport, AnchorStatus, CheckName};

/// All distinct anchors of a document, as judged.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    pub(crate) reports: Vec<AnchorReport>,
}

pub(crate) fn look_up(
    document: &ProofDocument,
    trust: &TrustFile,
    readings: &[ChainReading],
) -> Anchors {
    let mut reports = Vec::<AnchorReport>::new();
    for hint in &document.anchors {
        let selects = |chain_id, registry| (chain_id, registry) == (hint.chain_id, hint.registry);
        if reports.iter().any(|report| selects(report.chain_id, report.registry)) {
            continue;
        }
        let reading = readings.iter().find(|reading| selects(reading.chain_id, reading.registry));
        reports.push(judge(hint, trust.registry(hint.chain_id, &hint.registry), reading));
    }
    Anchors { reports }
}

fn judge(
    hint: &AnchorHint,
    entry: Option<&RegistryEntry>,
    reading: Option<&ChainReading>,
) -> AnchorReport {
    let (chain, registry) = (hint.chain_id, hint.registry);
    let report = |status, detail| AnchorReport {
        chain_id: chain,
        registry,
        status,
        detail,
        operator: None,
        block_number: None,
        block_time: None,
        revoked: None,
        stale_hints: Vec::new(),
    };
    let Some(entry) = entry else {
        let detail = format!(
            "unknown service: the trust file does not list registry {registry} on chain {chain}"
        );
        return report(AnchorStatus::UnknownService, detail);
    };
    let read = match reading.map(|reading| &reading.outcome) {
        Some(Ok(read)) => read,
        Some(Err(why)) => {
            let detail = format!("chain {chain} could not be read: {why}");
            return report(AnchorStatus::Unreachable, detail);
        }
        None => {
            let detail = format!("chain {chain} was not read");
            return report(AnchorStatus::Unreachable, detail);
        }
    };
    let Some(anchored) = &read.anchored else {
        let detail = format!("registry {registry} on chain {chain} does not know the commitment");
        return report(AnchorStatus::Absent, detail);
    };
    let (status, detail) = status(entry, read, anchored);
    AnchorReport {
        operator: Some(anchored.operator),
        block_number: Some(anchored.block_number),
        block_time: Some(anchored.time),
        revoked: Some(read.revoked),
        stale_hints: stale_hints(hint, anchored),
        ..report(status, detail)
    }
}

fn status(entry: &RegistryEntry, read: &Read, anchored: &AnchoredRecord) -> (AnchorStatus, String) {
    let AnchoredRecord { operator, time, block_number } = anchored;
    match entry.judge(operator, *block_number) {
        Err(AnchorDistrust::Block) => (
            AnchorStatus::OutsideBlocks,
            format!("{}: block {block_number}", AnchorDistrust::Block),
        ),
        Err(AnchorDistrust::Operator) => {
            (AnchorStatus::Distrusted, format!("{}: {operator}", AnchorDistrust::Operator))
        }
        Ok(()) if *time <= read.finalized_time => {
            (AnchorStatus::Final, format!("final: anchored at {time}, block {block_number}"))
        }
        Ok(()) => (
            AnchorStatus::Provisional,
            format!(
                "not final yet: anchored at {time}, while blocks are final up to {} (block {})",
                read.finalized_time, read.finalized_number
            ),
        ),
    }
}

/// Members of a hint that the registry contradicts.
fn stale_hints(hint: &AnchorHint, anchored: &AnchoredRecord) -> Vec<String> {
    let number = hint.block_number.is_some_and(|number| number != anchored.block_number);
    let time = hint.block_time.is_some_and(|time| time != anchored.time);
    let mut stale = Vec::new();
    // a transaction and a block hash belong to the block that the other two name
    for (member, is_stale) in [
        ("transaction", hint.transaction.is_some() && (number || time)),
        ("blockNumber", number),
        ("blockHash", hint.block_hash.is_some() && (number || time)),
        ("blockTime", time),
    ] {
        if is_stale {
            stale.push(member.to_owned());
        }
    }
    stale
}

impl Anchors {
    /// The one that decides: one final, trusted anchor suffices.
    fn best(&self) -> Option<&AnchorReport> {
        self.reports.iter().min_by_key(|report| report.status)
    }

    /// The earliest block time over final, trusted anchors.
    pub(crate) fn proven_time(&self) -> Option<Timestamp> {
        let proven = self.reports.iter().filter(|report| report.status == AnchorStatus::Final);
        proven.filter_map(|report| report.block_time).min()
    }

    /// A bit set in any registry with a trusted anchor counts.
    pub(crate) fn revocation(&self) -> Finding {
        let name = CheckName::NotRevoked;
        let trusted = |report: &&AnchorReport| {
            matches!(report.status, AnchorStatus::Final | AnchorStatus::Provisional)
        };
        let answers: Vec<bool> =
            self.reports.iter().filter(trusted).filter_map(|report| report.revoked).collect();
        if answers.contains(&true) {
            Finding::failed(name, Weight::Revoked, "the badge is revoked on chain")
        } else if answers.is_empty() {
            Finding::not_checked(
                name,
                Weight::None,
                "no trusted registry that knows the badge was read",
            )
        } else {
            Finding::passed(name, "the badge is not revoked on chain")
        }
    }
}

/// Service, anchored, final, operator and blocks, of the anchor that decides. `promised`: the
/// service's own promise stands behind a document without anchors.
pub(crate) fn check(anchors: &Anchors, promised: bool) -> Vec<Finding> {
    use AnchorStatus as S;
    let Some(best) = anchors.best() else {
        let weight = if promised { Weight::NotFinal } else { Weight::Unknown };
        return CHECKS
            .map(|name| Finding::not_checked(name, weight, "the proof names no anchor yet"))
            .to_vec();
    };
    CHECKS
        .iter()
        .map(|name| {
            let detail = best.detail.as_str();
            let skipped = |why| Finding::not_checked(*name, Weight::None, why);
            match (name, best.status) {
                (CheckName::Service, S::UnknownService) => {
                    Finding::failed(*name, Weight::Unknown, detail)
                }
                (_, S::UnknownService) => {
                    skipped("the registry is not trusted, so it was not called")
                }
                (CheckName::Service, _) => Finding::passed(
                    *name,
                    format!("the trust file lists {} on chain {}", best.registry, best.chain_id),
                ),
                (CheckName::Anchored, S::Unreachable) => {
                    Finding::not_checked(*name, Weight::Unknown, detail)
                }
                (_, S::Unreachable) => skipped("the chain was not read"),
                (CheckName::Anchored, S::Absent) => Finding::failed(*name, Weight::Wrong, detail),
                (_, S::Absent) => skipped("the commitment is not anchored"),
                (CheckName::Blocks, S::OutsideBlocks) | (CheckName::Operator, S::Distrusted) => {
                    Finding::failed(*name, Weight::Wrong, detail)
                }
                (CheckName::Final | CheckName::Operator, S::OutsideBlocks)
                | (CheckName::Final, S::Distrusted) => skipped("the anchor is not trusted"),
                (CheckName::Final, S::Provisional) => {
                    Finding::failed(*name, Weight::NotFinal, detail)
                }
                _ => Finding::passed(*name, passing(*name, best)),
            }
        })
        .collect()
}

const CHECKS: [CheckName; 5] = [
    CheckName::Service,
    CheckName::Anchored,
    CheckName::Final,
    CheckName::Operator,
    CheckName::Blocks,
];

fn passing(name: CheckName, best: &AnchorReport) -> String {
    match (name, best.operator, best.block_number, best.block_time) {
        (CheckName::Anchored, _, _, Some(time)) => format!("anchored at {time}"),
        (CheckName::Operator, Some(operator), ..) => format!("anchored by {operator}"),
        (CheckName::Blocks, _, Some(number), _) => {
            format!("block {number} is one for which the registry is trusted")
        }
        _ => best.detail.clone(),
    }
}

/// The same checks, where there is no commitment to ask for.
pub(crate) fn not_looked_up() -> [Finding; 5] {
    CHECKS.map(|name| Finding::not_checked(name, Weight::None, "there is no commitment to look up"))
}
