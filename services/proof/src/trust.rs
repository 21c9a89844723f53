//! The trust file: the only judge of a proof.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::breach::{Breach, BreachError, verify_breach};
use crate::receipt::{Receipt, ReceiptError, verify_receipt};
use crate::strict_json::{self, DocumentError};
use crate::trust_entry::{IssuerEntry, ReceiptKeyEntry, RegistryEntry};
use crate::{Address, Hash, Timestamp};

/// Largest trust file, in bytes: some ten thousand issuers.
pub const MAX_TRUST_BYTES: usize = 16 * 1024 * 1024;

/// Whom and what a verifier trusts. Members of a proof document select an entry, never add one.
/// Nothing is ever removed from a published file; entries end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", from = "Written")]
pub struct TrustFile {
    /// The service's id, as in its promises.
    pub service: String,
    /// Where commitments are looked up.
    pub registries: Vec<RegistryEntry>,
    /// Whose signature makes a receipt.
    pub receipt_keys: Vec<ReceiptKeyEntry>,
    /// The issuers that the service has registered.
    pub issuers: Vec<IssuerEntry>,
    /// When this state of the file was published.
    pub published_at: Timestamp,
}

impl TrustFile {
    /// Reads a trust file strictly: at most [`MAX_TRUST_BYTES`], no duplicate names, no unknown
    /// members, no `null`; no two entries for one registry, collection, key, issuer or alias; each key id that
    /// of its key; no validity that ends before it begins.
    ///
    /// # Errors
    /// [`DocumentError`] names the place as a JSON pointer.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let file: Self = strict_json::read(bytes, MAX_TRUST_BYTES)?;
        file.check()?;
        Ok(file)
    }

    /// The rules of [`TrustFile::parse`] that span members, for a file about to be published.
    ///
    /// # Errors
    /// [`DocumentError::At`].
    pub fn check(&self) -> Result<(), DocumentError> {
        if self.service.is_empty() {
            return Err(refused("/service", "a service has an id"));
        }
        let (mut registries, mut collections) = (HashSet::new(), HashSet::new());
        for (at, entry) in self.registries.iter().enumerate() {
            entry.check().map_err(|why| refused(&format!("/registries/{at}"), why))?;
            if !registries.insert((entry.chain_id, entry.registry)) {
                return Err(refused(&format!("/registries/{at}"), "listed twice"));
            }
            for (contract_at, contract) in entry.token_contracts.iter().enumerate() {
                if !collections.insert((entry.chain_id, contract)) {
                    let place = format!("/registries/{at}/tokenContracts/{contract_at}");
                    return Err(refused(&place, "listed twice"));
                }
            }
        }
        let mut keys = HashSet::new();
        for (at, entry) in self.receipt_keys.iter().enumerate() {
            entry.check().map_err(|why| refused(&format!("/receiptKeys/{at}"), why))?;
            if !keys.insert(entry.key_id) {
                return Err(refused(&format!("/receiptKeys/{at}"), "listed twice"));
            }
        }
        let mut names = HashSet::new();
        for (at, entry) in self.issuers.iter().enumerate() {
            if !names.insert(entry.identifier.as_str()) {
                return Err(refused(&format!("/issuers/{at}/identifier"), "named twice"));
            }
            for (alias_at, alias) in entry.aliases.iter().enumerate() {
                if alias.is_empty() || !names.insert(alias) {
                    let place = format!("/issuers/{at}/alsoKnownAs/{alias_at}");
                    return Err(refused(&place, "empty, or named twice"));
                }
            }
        }
        Ok(())
    }

    /// The file in JSON, indented for its readers.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts, integers and lists of them are JSON")
    }

    /// `SHA-256(JCS(file))`, RFC 8785: what is anchored at each change.
    #[must_use]
    pub fn digest(&self) -> Hash {
        let form = serde_json_canonicalizer::to_vec(self)
            .expect("texts, integers and lists of them have a JCS form");
        Hash::of(&[&form])
    }

    /// The entry that an anchor or a promise selects; `None` means "unknown service".
    #[must_use]
    pub fn registry(&self, chain_id: u64, registry: &Address) -> Option<&RegistryEntry> {
        let selected =
            |entry: &&RegistryEntry| entry.chain_id == chain_id && entry.registry == *registry;
        self.registries.iter().find(selected)
    }

    /// The entry of the registry in which this collection of badge tokens anchors and revokes;
    /// `None` means "unknown collection".
    #[must_use]
    pub fn collection(&self, chain_id: u64, contract: &Address) -> Option<&RegistryEntry> {
        let lists = |entry: &&RegistryEntry| {
            entry.chain_id == chain_id && entry.token_contracts.contains(contract)
        };
        self.registries.iter().find(lists)
    }

    /// The entry of this key id.
    #[must_use]
    pub fn receipt_key(&self, key_id: &Hash) -> Option<&ReceiptKeyEntry> {
        self.receipt_keys.iter().find(|entry| entry.key_id == *key_id)
    }

    /// The entry of an issuer by its registered identifier; aliases are not looked at.
    #[must_use]
    pub fn issuer(&self, identifier: &str) -> Option<&IssuerEntry> {
        self.issuers.iter().find(|entry| entry.identifier.as_str() == identifier)
    }

    /// Checks a receipt with all that the file says: service, registry and key are listed, and
    /// [`verify_receipt`] passes.
    ///
    /// # Errors
    /// Each [`ReceiptError`].
    pub fn check_receipt(&self, receipt: &Receipt) -> Result<(), ReceiptError> {
        let promise = &receipt.promise;
        if promise.service != self.service {
            return Err(ReceiptError::UnknownService);
        }
        self.registry(promise.chain_id, &promise.registry).ok_or(ReceiptError::UnknownRegistry)?;
        let key = self.receipt_key(&receipt.proof.key_id).ok_or(ReceiptError::UnknownKey)?;
        verify_receipt(receipt, key)
    }

    /// Checks a breach with all that the file says: service, registry and key are listed, and
    /// [`verify_breach`] passes.
    ///
    /// # Errors
    /// Each [`BreachError`].
    pub fn check_breach(&self, breach: &Breach) -> Result<(), BreachError> {
        let statement = &breach.statement;
        if statement.service != self.service {
            return Err(BreachError::UnknownService);
        }
        self.registry(statement.chain_id, &statement.registry)
            .ok_or(BreachError::UnknownRegistry)?;
        let key = self.receipt_key(&breach.proof.key_id).ok_or(BreachError::UnknownKey)?;
        verify_breach(breach, key)
    }
}

fn refused(pointer: &str, reason: &str) -> DocumentError {
    DocumentError::At { pointer: pointer.to_owned(), reason: reason.to_owned() }
}

#[derive(Serialize, Deserialize)]
enum Format {
    #[serde(rename = "ingam-trust/1")]
    V1,
}

/// [`TrustFile`] with its `format`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "a trust file")]
struct Written {
    format: Format,
    service: String,
    published_at: Timestamp,
    registries: Vec<RegistryEntry>,
    receipt_keys: Vec<ReceiptKeyEntry>,
    issuers: Vec<IssuerEntry>,
}

impl From<TrustFile> for Written {
    fn from(file: TrustFile) -> Self {
        let TrustFile { service, registries, receipt_keys, issuers, published_at } = file;
        Self { format: Format::V1, service, published_at, registries, receipt_keys, issuers }
    }
}

impl From<Written> for TrustFile {
    fn from(written: Written) -> Self {
        let Written {
            format: Format::V1,
            service,
            published_at,
            registries,
            receipt_keys,
            issuers,
        } = written;
        Self { service, registries, receipt_keys, issuers, published_at }
    }
}
