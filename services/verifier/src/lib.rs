//! Badge, proof, trust file and what chains answered: from these to a report of named checks.
//!
//! Pure, so that the service, the command line and a page in a browser judge alike. The caller
//! asks [`readings_needed`] what to read, reads it, and hands everything to [`verify()`].
//!
//! Nothing in a proof document is believed: leaf, root and commitment are computed; anchors only
//! select entries of the trust file; time and finality come from the chain's answers alone.
#![warn(missing_docs)]

mod anchor;
mod badge_checks;
mod finding;
mod issuer;
mod reading;
mod receipt;
mod recipient;
mod report;
mod signatures;
mod token;
mod verify;

pub use reading::{
    AnchoredRecord, ChainReading, Read, ReadingNeeded, Readings, ReadingsNeeded, TokenRead,
    TokenReading, TokenReadingNeeded, Unreachable, readings_needed,
};
pub use report::{
    AnchorReport, AnchorStatus, Check, CheckName, Outcome, PromiseReport, Report, SignatureReport,
    Times, TokenReport, TokenStatus, Verdict,
};
pub use verify::{Presented, Question, verify};

#[cfg(test)]
mod situations;
