//! Documents of `FORMAT.md`: what is accepted is written again and read as the same.

use proof::{ProofDocument, Receipt, TrustFile};

/// Proof documents; computing what one proves ends, too.
pub fn proof_document(data: &[u8]) {
    let Ok(document) = ProofDocument::parse(data) else { return };
    let written = document.to_json();
    let again = ProofDocument::parse(written.as_bytes()).expect("what was written is accepted");
    assert_eq!(again.to_json(), written);
    assert_eq!(again.leaf(), document.leaf());
    assert_eq!(again.computed().ok(), document.computed().ok());
    assert_eq!(again.receipt_matches().is_ok(), document.receipt_matches().is_ok());
}

/// Receipts that stand alone.
pub fn receipt(data: &[u8]) {
    let Ok(receipt) = Receipt::parse(data) else { return };
    let written = serde_json::to_vec(&receipt).expect("a receipt is JSON");
    let again = Receipt::parse(&written).expect("what was written is accepted");
    assert_eq!(again.promise.to_jcs(), receipt.promise.to_jcs());
    assert_eq!(again.promise.check().is_ok(), receipt.promise.check().is_ok());
}

/// Trust files.
pub fn trust_file(data: &[u8]) {
    let Ok(file) = TrustFile::parse(data) else { return };
    let written = file.to_json();
    let again = TrustFile::parse(written.as_bytes()).expect("what was written is accepted");
    assert_eq!(again.digest(), file.digest());
    assert_eq!(again.to_json(), written);
}
