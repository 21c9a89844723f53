//! The proof documents that are there to judge by: what `--proof` names, and what lies in the
//! directories beside the badges.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use badge::{ExtractError, Form};
use proof::{Hash, ProofDocument, Rule};

use crate::presented_file;
use crate::presented_files::{Listed, list};

/// Where a badge's proof is looked for.
pub(super) struct Proofs {
    /// `--proof FILE` for one badge: it counts whatever badge it is of.
    only: Option<Result<ProofDocument, String>>,
    by_badge: HashMap<(Rule, Hash), ProofDocument>,
}

/// Why there is no proof to judge a badge by.
pub(super) enum NoProof {
    /// None is there.
    None,
    /// The badge or its proof is refused.
    Refused(String),
}

impl Proofs {
    /// Those that `named` leads to, a file or a directory.
    ///
    /// # Errors
    /// One sentence, when it cannot be read or, beside other badges than one, is no proof.
    pub(super) fn named(named: Option<&PathBuf>, one_badge: bool) -> Result<Self, String> {
        let mut proofs = Self { only: None, by_badge: HashMap::new() };
        let Some(named) = named else { return Ok(proofs) };
        if one_badge && !named.is_dir() {
            let bytes = read(named)?;
            proofs.only = Some(parse(&bytes));
            return Ok(proofs);
        }
        for listed in list(std::slice::from_ref(named), false) {
            let Listed { path, in_directory } = listed?;
            let bytes = read(&path)?;
            if !in_directory || badge::classify(&bytes) == Form::ProofDocument {
                let place = |why| format!("{}: {why}", path.display());
                proofs.add(parse(&bytes).map_err(place)?);
            }
        }
        Ok(proofs)
    }

    /// Of two proofs of one badge, the later one counts.
    pub(super) fn add(&mut self, document: ProofDocument) {
        self.by_badge.insert((document.badge.rule, document.badge.digest), document);
    }

    /// The proof of a badge: what was named for it, else the one beside it, else the one inside.
    pub(super) fn of(&self, badge: &[u8]) -> Result<ProofDocument, NoProof> {
        if let Some(only) = &self.only {
            return only.clone().map_err(NoProof::Refused);
        }
        if let Ok(read) = badge::read(badge)
            && let Some(document) = self.by_badge.get(&(read.rule, read.digest))
        {
            return Ok(document.clone());
        }
        match badge::extract(badge) {
            Ok(Some(document)) => Ok(document),
            Ok(None) => Err(NoProof::None),
            Err(ExtractError::Refused(refusal)) => {
                let advice = refusal.code.advice();
                Err(NoProof::Refused(format!("the badge is refused: {refusal}. {advice}")))
            }
            Err(other) => Err(NoProof::Refused(other.to_string())),
        }
    }
}

/// A proof document, or why it is refused.
pub(super) fn parse(bytes: &[u8]) -> Result<ProofDocument, String> {
    ProofDocument::parse(bytes).map_err(|why| format!("the proof document is refused {why}"))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    presented_file::read(path).map_err(|error| format!("{error:#}"))
}
