//! A digest that the issuer computed: submitted by its own member or call, never guessed.

use proof::{Hash, Rule};

use crate::{Code, Refusal};

/// 32 bytes and how the issuer says they were made. Answers about it say "digest supplied by
/// issuer".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredHash {
    /// `jcs-sha256-v1`, `file-sha256` or `opaque`.
    pub rule: Rule,
    /// The digest.
    pub digest: Hash,
}

impl DeclaredHash {
    /// Reads the members `rule` and `digest` (64 lower-case hexadecimal digits).
    ///
    /// # Errors
    /// `bad_rule` at `/rule`, `bad_digest` at `/digest`.
    pub fn parse(rule: &str, digest: &str) -> Result<Self, Refusal> {
        let rule = match rule.parse() {
            Ok(rule @ (Rule::JcsSha256V1 | Rule::FileSha256 | Rule::Opaque)) => rule,
            Ok(Rule::RdfcSha256V1 | Rule::AuditHead) | Err(_) => {
                let why = "a digest is declared by jcs-sha256-v1, file-sha256 or opaque";
                return Err(Refusal::at_pointer(Code::BadRule, "/rule", why));
            }
        };
        let digest = digest.parse().map_err(|_| {
            let why = "a digest has exactly 64 lower-case hexadecimal digits";
            Refusal::at_pointer(Code::BadDigest, "/digest", why)
        })?;
        Ok(Self { rule, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rules_for_issuers_and_only_hexadecimal() {
        let digest = "ab".repeat(32);
        for rule in [Rule::JcsSha256V1, Rule::FileSha256, Rule::Opaque] {
            let read = DeclaredHash::parse(rule.name(), &digest).unwrap();
            assert_eq!(read, DeclaredHash { rule, digest: Hash([0xab; 32]) });
        }
        for rule in ["rdfc-sha256-v1", "audit-head", "sha256", "OPAQUE", ""] {
            assert_eq!(
                DeclaredHash::parse(rule, &digest).unwrap_err().code,
                Code::BadRule,
                "{rule}"
            );
        }
        for wrong in ["", "0xabab", &digest[2..], &digest.to_uppercase(), &format!("{digest}ab")] {
            let refusal = DeclaredHash::parse("opaque", wrong).unwrap_err();
            assert_eq!(refusal.code, Code::BadDigest, "{wrong}");
            assert_eq!(refusal.place.to_string(), "/digest");
        }
    }
}
