//! What can be said of a signature.

use std::fmt;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is the issuer's own signature.
    Passed,
    /// It is not what it says it is.
    Failed,
    /// Offline, or by this program, it cannot be told.
    NotChecked,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $outcome:ident, $detail:literal;)*) => {
        /// What was found, with a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in documents.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means for the check.
            #[must_use]
            pub const fn outcome(self) -> Outcome {
                match self { $(Self::$name => Outcome::$outcome,)* }
            }

            /// One sentence, without its full stop.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }
        }
    };
}

codes! {
    /// The key is the issuer's identifier itself.
    ByIssuer = "by_issuer", Passed,
        "signed by the issuer's own key";

    /// Made by another key, or the badge was changed afterwards.
    WrongSignature = "wrong_signature", Failed,
        "the signature does not fit the badge: it was changed, or signed by another key";
    /// Not even of the right length or encoding.
    MalformedSignature = "malformed_signature", Failed,
        "the signature is none of its algorithm";
    /// The issuer's identifier is a key, and the signature is another key's.
    OtherKey = "other_key", Failed,
        "signed by another key than the issuer's";
    /// No point of its curve, or not decodable.
    MalformedKey = "malformed_key", Failed,
        "the key that the signature names is none";

    /// The signature is right. Whose key it is stands behind a URL, or nowhere.
    SignerUnknown = "signer_unknown", NotChecked,
        "unchanged since it was signed by the key it carries; whose key that is was not checked";
    /// The signature is right and another's, beside the issuer's own.
    CoSigner = "co_signer", NotChecked,
        "signed by another key too; whose key that is was not checked";
    /// There is no signature.
    Unsigned = "unsigned", NotChecked,
        "the badge carries no signature of its issuer";
    /// `did:web`, or a URL.
    KeyAtUrl = "key_at_url", NotChecked,
        "the key is at a URL, and nothing is fetched";
    /// No key in the badge, and no identifier that is one.
    KeyNotEmbedded = "key_not_embedded", NotChecked,
        "the badge does not carry the key";
    /// Two keys are named, and they differ.
    AmbiguousKey = "ambiguous_key", NotChecked,
        "the badge names two different keys for one signature";
    /// Of a kind or size that this program does not check.
    UnsupportedKey = "unsupported_key", NotChecked,
        "a key of this kind is not checked here";
    /// Not one of `EdDSA`, `ES256`, `RS256`, or not one of this key.
    UnsupportedAlgorithm = "unsupported_algorithm", NotChecked,
        "this algorithm with this key is not checked here";
    /// An extension that must be understood (`crit`).
    UnsupportedHeader = "unsupported_header", NotChecked,
        "the signature's header has extensions that are not known here";
    /// Not a proof type or cryptosuite of the list.
    UnsupportedSuite = "unsupported_suite", NotChecked,
        "proofs of this type or cryptosuite are not checked here";
    /// A purpose, an end or a predecessor that this program does not judge.
    UnsupportedProof = "unsupported_proof", NotChecked,
        "the proof is no plain assertion: its purpose, end or predecessor is not judged here";
    /// Members missing or of the wrong type.
    MalformedProof = "malformed_proof", NotChecked,
        "the proof lacks a member that its suite needs";
    /// A JSON-LD context that is not built in.
    UnknownContext = "unknown_context", NotChecked,
        "the badge uses a context that is not built in, and nothing is fetched";
    /// The signature does not fit, but the issuer may have signed by another text of the context.
    UncertainContext = "uncertain_context", NotChecked,
        "the signature does not fit by the text that is built in of a context without version";
    /// A context inside the badge could give its words any meaning.
    InlineContext = "inline_context", NotChecked,
        "the badge brings a context of its own, which could give its words any meaning";
    /// A word or relative identifier that the signature would not cover.
    UndefinedTerm = "undefined_term", NotChecked,
        "the badge has words that its contexts do not define: the signature does not cover them";
    /// JSON-LD that is wrong, or that no badge needs.
    UnsupportedJsonLd = "unsupported_json_ld", NotChecked,
        "the badge is no linked data of the kind that badges are";
    /// Beyond the limits of this program.
    TooComplex = "too_complex", NotChecked,
        "checking this signature would take more work than any badge needs";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
