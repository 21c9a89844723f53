//! The receipt in a document: whose badge, whose signature.

use proof::{Promise, ProofDocument, ReceiptError, TrustFile};

use crate::finding::{Finding, Weight};
use crate::report::{AnchorReport, AnchorStatus, CheckName, PromiseReport};

/// The receipt's two checks.
pub(crate) struct Receipts<'a> {
    matches: Finding,
    signature: Finding,
    /// The promise, when both passed.
    promise: Option<&'a Promise>,
}

/// A document may go without receipt; one that is there must hold.
pub(crate) fn check<'a>(document: &'a ProofDocument, trust: &TrustFile) -> Receipts<'a> {
    let Some(receipt) = &document.receipt else {
        let absent = |name| Finding::not_checked(name, Weight::None, "the document has no receipt");
        return Receipts {
            matches: absent(CheckName::ReceiptMatch),
            signature: absent(CheckName::ReceiptSignature),
            promise: None,
        };
    };
    let mut promise = Some(&receipt.promise);
    let name = CheckName::ReceiptMatch;
    let matches = match document.receipt_matches() {
        Ok(()) => Finding::passed(name, "the receipt promises this badge"),
        Err(error) => {
            promise = None;
            Finding::failed(name, Weight::Wrong, error.to_string())
        }
    };
    let name = CheckName::ReceiptSignature;
    let signature = match trust.check_receipt(receipt) {
        Ok(()) => {
            Finding::passed(name, format!("signed by the service's key {}", receipt.proof.key_id))
        }
        Err(error) => {
            promise = None;
            Finding::failed(name, weight(error), error.to_string())
        }
    };
    Receipts { matches, signature, promise }
}

/// What the trust file does not list is unknown; everything else is wrong.
const fn weight(error: ReceiptError) -> Weight {
    match error {
        ReceiptError::UnknownService | ReceiptError::UnknownRegistry | ReceiptError::UnknownKey => {
            Weight::Unknown
        }
        ReceiptError::Promise(_)
        | ReceiptError::Inclusion(_)
        | ReceiptError::Signature
        | ReceiptError::KeyExpired => Weight::Wrong,
    }
}

impl Receipts<'_> {
    /// Whether the service's promise stands behind the badge.
    pub(crate) const fn holds(&self) -> bool {
        self.promise.is_some()
    }

    pub(crate) fn findings(&self) -> [Finding; 2] {
        [self.matches.clone(), self.signature.clone()]
    }

    /// The promise and, by a final anchor in the promised registry, whether it was kept.
    pub(crate) fn promise(&self, anchors: &[AnchorReport]) -> Option<PromiseReport> {
        let Promise { received_at, deadline_at, chain_id, registry, .. } = self.promise?;
        let promised = anchors.iter().find(|anchor| {
            anchor.status == AnchorStatus::Final
                && (anchor.chain_id, anchor.registry) == (*chain_id, *registry)
        });
        let kept = promised.and_then(|anchor| anchor.block_time).map(|time| time <= *deadline_at);
        Some(PromiseReport { received_at: *received_at, deadline_at: *deadline_at, kept })
    }
}
