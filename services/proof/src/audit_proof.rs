//! A row of the audit log on its way to a chain.

use serde::{Deserialize, Serialize};

use crate::audit_head::{AuditHead, audit_issuer};
use crate::audit_row::AuditRow;
use crate::document::{ComputeError, Computed, MAX_PROOF_BYTES, ProofDocument};
use crate::inclusion::{InclusionError, inclusion_root};
use crate::spelling::{at_most, safe_integer};
use crate::strict_json::{self, DocumentError};
use crate::{Hash, MAX_PATH_LEN, Rule};

/// "This row is in the log that this head is of, and the head was anchored." As with a proof
/// document, nothing in it is trusted but what is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", from = "Written")]
pub struct AuditProof {
    /// What was done.
    pub row: AuditRow,
    /// The row's place in the log, from 0.
    pub index: u64,
    /// Siblings from the row's leaf upwards, in the tree of the head.
    pub path: Vec<Hash>,
    /// The head that covers the row.
    pub head: AuditHead,
    /// The head's own way to a commitment.
    pub proof: ProofDocument,
}

/// Why an audit proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditProofError {
    /// The row's path does not fit its place.
    #[error("the row's place: {0}")]
    Row(#[from] InclusionError),
    /// The row does not lead to the root of the head.
    #[error("the row is not in the log of this head")]
    Root,
    /// `proof` is of something else than this head.
    #[error("the proof is not of this head")]
    Head,
    /// The head's own way.
    #[error(transparent)]
    Compute(#[from] ComputeError),
}

impl AuditProof {
    /// Reads a document strictly, at most [`MAX_PROOF_BYTES`]. Whether it proves anything is not
    /// judged here.
    ///
    /// # Errors
    /// [`DocumentError`] names the place as a JSON pointer.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        strict_json::read(bytes, MAX_PROOF_BYTES)
    }

    /// The document in JSON, without white space.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, integers and lists of them are JSON")
    }

    /// Leaf, root and commitment of the head, once the row was found to be covered by it.
    ///
    /// # Errors
    /// Each [`AuditProofError`]; `Compute(Pending)` while the head is in no sealed batch.
    pub fn computed(&self) -> Result<Computed, AuditProofError> {
        let root = inclusion_root(self.row.leaf(), self.index, self.head.size, &self.path)?;
        if root != self.head.root {
            return Err(AuditProofError::Root);
        }
        let ProofDocument { badge, token, receipt, .. } = &self.proof;
        let is_the_head = badge.rule == Rule::AuditHead
            && badge.issuer == audit_issuer()
            && badge.digest == self.head.digest();
        if !is_the_head || token.is_some() || receipt.is_some() {
            return Err(AuditProofError::Head);
        }
        Ok(self.proof.computed()?)
    }
}

#[derive(Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ingam-audit-proof/1")]
    V1,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Place {
    #[serde(with = "safe_integer")]
    index: u64,
    #[serde(deserialize_with = "at_most::<MAX_PATH_LEN, _, _>")]
    path: Vec<Hash>,
}

/// [`AuditProof`] with its `format`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an audit proof")]
struct Written {
    format: Format,
    row: AuditRow,
    inclusion: Place,
    head: AuditHead,
    proof: ProofDocument,
}

impl From<AuditProof> for Written {
    fn from(document: AuditProof) -> Self {
        let AuditProof { row, index, path, head, proof } = document;
        Self { format: Format::V1, row, inclusion: Place { index, path }, head, proof }
    }
}

impl From<Written> for AuditProof {
    fn from(written: Written) -> Self {
        let Written { format: Format::V1, row, inclusion, head, proof } = written;
        Self { row, index: inclusion.index, path: inclusion.path, head, proof }
    }
}
