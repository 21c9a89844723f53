//! Data Integrity proofs (W3C VC Data Integrity 1.0) at the top of a credential.
//!
//! | `type` | `cryptosuite` | canonical form | key |
//! |---|---|---|---|
//! | `DataIntegrityProof` | `eddsa-jcs-2022` | JCS | Ed25519 |
//! | `DataIntegrityProof` | `eddsa-rdfc-2022` | RDFC-1.0 | Ed25519 |
//! | `DataIntegrityProof` | `ecdsa-jcs-2019` | JCS | P-256 |
//! | `DataIntegrityProof` | `ecdsa-rdfc-2019` | RDFC-1.0 | P-256 |
//! | `Ed25519Signature2020` | | RDFC-1.0 | Ed25519 |

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};

use badge::json::Value;
use proof::Hash;

use crate::key::Algorithm;
use crate::linked_data::Limits;
use crate::{Code, Outcome, Signature, contexts, did, whose};

/// Most proofs that are checked; a badge has one, seldom two or three. One more is told to be too
/// many, and stands for all that follow.
const MAX_PROOFS: usize = 16;

/// How the bytes that are signed are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Jcs,
    Rdfc,
}

/// A member of an object, by name.
fn text<'v>(object: &'v Value<'_>, name: &str) -> Option<&'v str> {
    object.get(name).and_then(Value::as_str)
}

/// Checks every proof but those of anchoring.
pub(crate) fn check(credential: &Value<'_>, issuers: &[String]) -> Vec<Signature> {
    let Some(proof) = credential.get("proof") else { return Vec::new() };
    let document = Document::new(credential);
    let is_set = matches!(proof, Value::Array(_));
    let entries = proof.as_set().iter().enumerate();
    let entries = entries.filter(|(_, entry)| !is_anchor(entry));
    let mut signatures: Vec<Signature> = entries
        .enumerate()
        .take(MAX_PROOFS + 1)
        .map(|(number, (index, entry))| {
            let place = if is_set { format!("/proof/{index}") } else { "/proof".to_owned() };
            let code = if number < MAX_PROOFS {
                document.judge(entry, issuers).unwrap_or_else(|code| code)
            } else {
                Code::TooComplex
            };
            let algorithm = text(entry, "cryptosuite").or_else(|| text(entry, "type"));
            Signature::new(place, algorithm, text(entry, "verificationMethod"), code)
        })
        .collect();
    // beside the issuer's own signature, another's is no contradiction
    if signatures.iter().any(|signature| signature.code.outcome() == Outcome::Passed) {
        for signature in &mut signatures {
            if signature.code == Code::OtherKey {
                signature.code = Code::CoSigner;
            }
        }
    }
    signatures
}

fn is_anchor(entry: &Value<'_>) -> bool {
    text(entry, "cryptosuite") == Some(proof::CRYPTOSUITE)
}

/// A credential without its proofs, hashed once however many proofs there are.
struct Document<'v, 'a> {
    credential: &'v Value<'a>,
    /// Its hash in RDFC-1.0, and in the other way of writing language tags.
    rdfc: OnceCell<Result<(Hash, Option<Hash>), Code>>,
    /// Of the credential and all its proofs together.
    limits: RefCell<Limits>,
}

impl<'v, 'a> Document<'v, 'a> {
    fn new(credential: &'v Value<'a>) -> Self {
        Self { credential, rdfc: OnceCell::new(), limits: RefCell::default() }
    }

    fn judge(&self, entry: &Value<'_>, issuers: &[String]) -> Result<Code, Code> {
        let (form, algorithm) = suite(entry)?;
        // an end and a predecessor bind more than this badge; another purpose asserts nothing
        let is_plain = text(entry, "proofPurpose") == Some("assertionMethod")
            && entry.get("previousProof").is_none()
            && entry.get("expires").is_none();
        if !is_plain {
            return Err(Code::UnsupportedProof);
        }
        let method = text(entry, "verificationMethod").ok_or(Code::MalformedProof)?;
        let key = did::resolve(method)?.key;
        let value = text(entry, "proofValue").ok_or(Code::MalformedProof)?;
        let signature = proof_value(value)?;
        let verify = |config: Hash, document: Hash| {
            key.verify(algorithm, &[config.0, document.0].concat(), &signature)
        };
        match form {
            Form::Jcs => {
                let (config, document) = self.jcs_hashes(entry)?;
                verify(config, document)?;
            }
            Form::Rdfc => {
                let (config, document, as_written) = self.rdfc_hashes(entry)?;
                let fits = match (verify(config, document), as_written) {
                    (Err(Code::WrongSignature), Some(document)) => verify(config, document),
                    (result, _) => result,
                };
                match fits {
                    Err(Code::WrongSignature) if self.has_uncertain_context() => {
                        return Err(Code::UncertainContext);
                    }
                    result => result?,
                }
            }
        }
        Ok(whose::code(&key, issuers))
    }

    fn has_uncertain_context(&self) -> bool {
        let contexts = self.credential.get("@context").map(Value::as_set).unwrap_or_default();
        contexts.iter().filter_map(Value::as_str).any(contexts::is_uncertain)
    }

    /// Sections 3.3.4 and 3.3.5 of the EdDSA cryptosuites: with contexts of its own, a proof
    /// covers those that the document's begin with.
    fn jcs_hashes(&self, entry: &Value<'_>) -> Result<(Hash, Hash), Code> {
        let mut document = without(self.credential, "proof");
        if let Some(contexts) = entry.get("@context") {
            let present = document.get("@context").map(Value::as_set).unwrap_or_default();
            if !present.starts_with(contexts.as_set()) {
                return Err(Code::WrongSignature);
            }
            document = with_context(&document, contexts.clone());
        }
        let hash = |value: &Value<'_>| value.digest().map_err(|_| Code::TooComplex);
        Ok((hash(&without(entry, "proofValue"))?, hash(&document)?))
    }

    /// Sections 3.2.3 to 3.2.5: the proof's words mean what the document's contexts say.
    fn rdfc_hashes(&self, entry: &Value<'_>) -> Result<(Hash, Hash, Option<Hash>), Code> {
        let contexts = self.credential.get("@context").ok_or(Code::UndefinedTerm)?;
        let config = with_context(&without(entry, "proofValue"), contexts.clone());
        let hash = |text: &String| Hash::of(&[text.as_bytes()]);
        let canonical = |value: &Value<'_>| self.limits.borrow_mut().canonical(value);
        let (document, as_written) = (*self.rdfc.get_or_init(|| {
            let canonical = canonical(&without(self.credential, "proof"))?;
            Ok((hash(&canonical.text), canonical.as_written.as_ref().map(hash)))
        }))?;
        Ok((hash(&canonical(&config)?.text), document, as_written))
    }
}

fn suite(entry: &Value<'_>) -> Result<(Form, Algorithm), Code> {
    const GENERAL: Option<&str> = Some("DataIntegrityProof");
    match (text(entry, "type"), text(entry, "cryptosuite")) {
        (GENERAL, Some("eddsa-jcs-2022")) => Ok((Form::Jcs, Algorithm::EdDsa)),
        (GENERAL, Some("eddsa-rdfc-2022")) | (Some("Ed25519Signature2020"), None) => {
            Ok((Form::Rdfc, Algorithm::EdDsa))
        }
        (GENERAL, Some("ecdsa-jcs-2019")) => Ok((Form::Jcs, Algorithm::Es256)),
        (GENERAL, Some("ecdsa-rdfc-2019")) => Ok((Form::Rdfc, Algorithm::Es256)),
        _ => Err(Code::UnsupportedSuite),
    }
}

/// Multibase in base58, of 64 bytes with every suite of the list.
fn proof_value(text: &str) -> Result<Vec<u8>, Code> {
    let encoded = text.strip_prefix('z').ok_or(Code::MalformedSignature)?;
    // base58 costs the square of its length; 64 bytes have at most 88 digits
    if encoded.len() > 88 {
        return Err(Code::MalformedSignature);
    }
    let bytes = bs58::decode(encoded).into_vec().map_err(|_| Code::MalformedSignature)?;
    if bytes.len() == 64 { Ok(bytes) } else { Err(Code::MalformedSignature) }
}

/// The object without one member.
pub(crate) fn without<'a>(object: &Value<'a>, name: &str) -> Value<'a> {
    match object {
        Value::Object(members) => {
            Value::Object(members.iter().filter(|(key, _)| key != name).cloned().collect())
        }
        other => other.clone(),
    }
}

/// The object with `@context` replaced, or added.
pub(crate) fn with_context<'a>(object: &Value<'a>, context: Value<'a>) -> Value<'a> {
    let Value::Object(mut members) = without(object, "@context") else { return object.clone() };
    let name = "@context";
    let at = members.partition_point(|(key, _)| key.as_ref() < name);
    members.insert(at, (Cow::Borrowed(name), context));
    Value::Object(members)
}
