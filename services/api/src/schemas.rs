//! Descriptions for the OpenAPI document of JSON that other crates write, or that is read member by
//! member. Nothing makes values of these types.
#![expect(dead_code, reason = "only their schemas are used")]

use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, OneOfBuilder, Schema, Type};

use crate::finding::Finding;

/// One submission: exactly one of `credential`, `badgeBase64`, or `digest` and `rule`.
#[derive(ToSchema)]
#[schema(as = Submission, rename_all = "camelCase", example = json!({
    "credential": {
        "@context": ["https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://hanbit.ac.kr/", "type": ["Profile"], "name": "한빛대학교"},
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"]}
    },
    "externalId": "2026-0001"
}))]
pub(crate) struct SubmissionSchema {
    /// The badge; hashed from its bytes as sent (rule `jcs-sha256-v1`).
    #[schema(value_type = Option<Object>)]
    credential: Option<()>,
    /// The badge in any form, in base64 (RFC 4648 section 4, with padding, without line breaks): a
    /// JWT, a baked PNG or SVG, or JSON.
    badge_base64: Option<String>,
    /// 64 lower-case hexadecimal digits, computed by the issuer.
    digest: Option<String>,
    /// How `digest` was made: `jcs-sha256-v1`, `file-sha256` or `opaque`.
    rule: Option<String>,
    /// A registered identifier or alias; by default the one that the badge names.
    issuer: Option<String>,
    /// When the learner accepted (RFC 3339): the promise runs from then.
    window_started_at: Option<String>,
    /// The platform's own name for the badge, 1 to 200 bytes; stands in the receipt.
    external_id: Option<String>,
    /// Whether who has the badge or its digest may look its proof up; by default `true`, for rule
    /// `opaque` `false`.
    public_lookup: Option<bool>,
    /// Who gets a token: an EVM address, of one case or with its EIP-55 checksum. It stays public on
    /// chain for ever.
    recipient: Option<String>,
    metadata: Option<PublicMetadataSchema>,
}

/// What a token shows to everyone: of the achievement, never of a person.
#[derive(ToSchema)]
#[schema(as = PublicMetadata)]
pub(crate) struct PublicMetadataSchema {
    /// The achievement's name: 1 to 200 characters.
    name: String,
    /// At most 2,000 characters.
    description: Option<String>,
    /// `https://` or `ipfs://`, or a PNG or SVG in a base64 `data:` URL of at most 32 KiB; without it
    /// a picture is generated.
    image: Option<String>,
    /// Where people read more: `https://`.
    url: Option<String>,
    /// `bronze`, `silver` or `gold`.
    level: Option<String>,
    /// At most 16.
    attributes: Option<Vec<PublicAttributeSchema>>,
}

/// A property that wallets list.
#[derive(ToSchema)]
#[schema(as = PublicAttribute)]
pub(crate) struct PublicAttributeSchema {
    /// 1 to 200 characters.
    name: String,
    /// 1 to 200 characters.
    value: String,
}

/// Who gets a badge's token.
#[derive(ToSchema)]
#[schema(as = RecipientRequest, example = json!({"recipient": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}))]
pub(crate) struct RecipientSchema {
    /// An EVM address, of one case or with its EIP-55 checksum.
    recipient: String,
    /// The present owner, when its token is to be revoked and replaced.
    replaces: Option<String>,
}

/// ERC-721 metadata.
#[derive(ToSchema)]
#[schema(as = TokenMetadata)]
pub(crate) struct TokenMetadataSchema {
    /// The achievement; begins with `[Revoked]` or `[Burned]` where that is so.
    name: String,
    description: String,
    /// The issuer's image, else a generated SVG in a `data:` URL.
    image: String,
    /// Where people read more.
    external_url: Option<String>,
    attributes: Vec<TokenAttributeSchema>,
}

/// A property that wallets list.
#[derive(ToSchema)]
#[schema(as = TokenAttribute)]
pub(crate) struct TokenAttributeSchema {
    /// As `Issuer`, `Level`, `State`.
    trait_type: String,
    /// `date` for times.
    display_type: Option<String>,
    /// A text, or seconds since 1970-01-01T00:00:00Z.
    #[schema(schema_with = text_or_time)]
    value: (),
}

fn text_or_time() -> Schema {
    let text = Object::with_type(Type::String);
    let time = Object::with_type(Type::Integer);
    Schema::OneOf(OneOfBuilder::new().item(text).item(time).build())
}

/// ERC-7572 metadata.
#[derive(ToSchema)]
#[schema(as = CollectionMetadata)]
pub(crate) struct CollectionMetadataSchema {
    name: String,
    description: String,
    /// A generated SVG in a `data:` URL.
    image: String,
    external_link: String,
}

/// A badge or its digest.
#[derive(ToSchema)]
#[schema(as = ProofLookup, rename_all = "camelCase")]
pub(crate) struct LookupSchema {
    /// A badge in JSON.
    #[schema(value_type = Option<Object>)]
    badge: Option<()>,
    /// A badge of any form in base64 (RFC 4648 section 4, with padding).
    badge_base64: Option<String>,
    /// With `digest`: `jcs-sha256-v1`, `file-sha256` or `opaque`.
    rule: Option<String>,
    /// 64 lower-case hexadecimal digits.
    digest: Option<String>,
}

/// A badge, a proof document, or both.
#[derive(ToSchema)]
#[schema(as = Verification, rename_all = "camelCase")]
pub(crate) struct VerifySchema {
    /// A badge in JSON.
    #[schema(value_type = Option<Object>)]
    badge: Option<()>,
    /// A badge of any form in base64 (RFC 4648 section 4, with padding).
    badge_base64: Option<String>,
    /// Its proof document; when missing, the one in the badge, else looked up by the badge.
    proof: Option<ProofSchema>,
    /// Whose the badge should be: an e-mail address, or another identifier as the badge has it.
    /// The check `recipient` answers, and anything but a match is not `verified`. Nothing of it is
    /// stored or logged.
    recipient: Option<String>,
}

/// A badge, as `badge` or `badgeBase64`, and its proof document.
#[derive(ToSchema)]
#[schema(as = Embedding, rename_all = "camelCase")]
pub(crate) struct EmbeddingSchema {
    /// A badge in JSON.
    #[schema(value_type = Option<Object>)]
    badge: Option<()>,
    /// A badge of any form in base64 (RFC 4648 section 4, with padding): a baked PNG or SVG too.
    badge_base64: Option<String>,
    proof: ProofSchema,
}

/// The bytes of an image.
#[derive(ToSchema)]
#[schema(as = Image, value_type = String, format = Binary)]
pub(crate) struct ImageSchema(Vec<u8>);

/// Why a badge is revoked.
#[derive(ToSchema)]
#[schema(as = RevocationRequest, example = json!({"reason": "privilege-withdrawn"}))]
pub(crate) struct RevocationSchema {
    /// A reason of RFC 5280, section 5.3.1: `unspecified`, `key-compromise`, `affiliation-changed`, `superseded`, `cessation-of-operation` or `privilege-withdrawn`.
    reason: String,
}

/// Said beside an accepted badge.
#[derive(ToSchema)]
#[schema(as = Warning)]
pub(crate) struct WarningSchema {
    /// Stable: `nfd_text`, `badge_class_not_covered` or `issuer_not_covered`.
    code: String,
    /// Where in the badge (RFC 6901).
    place: String,
    /// One sentence.
    detail: String,
}

/// A signed promise.
#[derive(ToSchema)]
#[schema(as = Receipt)]
pub(crate) struct ReceiptSchema {
    promise: PromiseSchema,
    proof: ReceiptProofSchema,
}

/// What is promised: a commitment that contains `leaf` is anchored in `registry` by `deadlineAt`.
#[derive(ToSchema)]
#[schema(as = Promise, rename_all = "camelCase")]
pub(crate) struct PromiseSchema {
    /// `ingam-receipt`
    r#type: String,
    /// 1
    version: u32,
    /// The service's id.
    service: String,
    /// The registered identifier.
    issuer: String,
    rule: String,
    digest: String,
    salt: String,
    leaf: String,
    external_id: Option<String>,
    received_at: String,
    window_started_at: Option<String>,
    deadline_at: String,
    chain_id: u64,
    registry: String,
}

/// The promise's place under a signature (RFC 9162 tree over SHA-256(0x00 ‖ JCS(promise))).
#[derive(ToSchema)]
#[schema(as = ReceiptProof, rename_all = "camelCase")]
pub(crate) struct ReceiptProofSchema {
    key_id: String,
    index: u64,
    size: u64,
    path: Vec<String>,
    signature: String,
}

/// That a promise is broken, in the service's own words.
#[derive(ToSchema)]
#[schema(as = BreachStatement, rename_all = "camelCase")]
pub(crate) struct BreachStatementSchema {
    /// `ingam-breach`
    r#type: String,
    /// 1
    version: u32,
    /// The service's id.
    service: String,
    /// 1, 2, 3, … without gaps.
    number: u64,
    chain_id: u64,
    registry: String,
    /// Badges that were overdue when it was noticed.
    badges: u64,
    /// Of their batch, if it was sealed by then.
    commitment: Option<String>,
    /// The earliest deadline among them.
    deadline_at: String,
    noticed_at: String,
}

/// The signature of a statement, Ed25519 over `ingam-breach-v1\n` ‖ SHA-256(JCS(statement)).
#[derive(ToSchema)]
#[schema(as = BreachProof, rename_all = "camelCase")]
pub(crate) struct BreachProofSchema {
    key_id: String,
    signature: String,
}

/// A proof document, `ingam-proof/1`.
#[derive(ToSchema)]
#[schema(as = Proof, rename_all = "camelCase")]
pub(crate) struct ProofSchema {
    /// `ingam-proof/1`
    format: String,
    badge: BadgeRefSchema,
    /// Absent until the badge's batch is sealed.
    inclusion: Option<InclusionSchema>,
    /// Empty until the batch is on chain.
    anchors: Vec<AnchorSchema>,
    /// The token that was minted for the badge.
    token: Option<TokenRefSchema>,
    /// While pending: when it will be anchored at the latest.
    deadline_at: Option<String>,
    receipt: Option<ReceiptSchema>,
}

/// What the leaf is made of.
#[derive(ToSchema)]
#[schema(as = BadgeRef)]
pub(crate) struct BadgeRefSchema {
    rule: String,
    digest: String,
    issuer: String,
    salt: String,
}

/// The leaf's place in its tree.
#[derive(ToSchema)]
#[schema(as = Inclusion, rename_all = "camelCase")]
pub(crate) struct InclusionSchema {
    index: u64,
    tree_size: u64,
    path: Vec<String>,
    blockcerts_root: Option<String>,
}

/// Where to ask. All but `chainId` and `registry` are hints.
#[derive(ToSchema)]
#[schema(as = Anchor, rename_all = "camelCase")]
pub(crate) struct AnchorSchema {
    chain_id: u64,
    registry: String,
    transaction: Option<String>,
    block_number: Option<u64>,
    block_hash: Option<String>,
    block_time: Option<String>,
}

/// The badge's token. `chainId` and `contract` select a collection of the trust file, `id` follows
/// from the badge and `inclusion`, `owner` is a hint.
#[derive(ToSchema)]
#[schema(as = TokenRef, rename_all = "camelCase")]
pub(crate) struct TokenRefSchema {
    chain_id: u64,
    contract: String,
    /// Decimal.
    id: String,
    owner: Option<String>,
    inclusion: TokenInclusionSchema,
}

/// The leaf's place in the mint batch, another than in its anchored batch.
#[derive(ToSchema)]
#[schema(as = TokenInclusion, rename_all = "camelCase")]
pub(crate) struct TokenInclusionSchema {
    index: u64,
    tree_size: u64,
    path: Vec<String>,
}

/// A trust file, `ingam-trust/1`; see FORMAT.md.
#[derive(ToSchema)]
#[schema(as = TrustFile, rename_all = "camelCase")]
pub(crate) struct TrustSchema {
    /// `ingam-trust/1`
    format: String,
    service: String,
    published_at: String,
    #[schema(value_type = Vec<Object>)]
    registries: Vec<()>,
    #[schema(value_type = Vec<Object>)]
    receipt_keys: Vec<()>,
    #[schema(value_type = Vec<Object>)]
    issuers: Vec<()>,
}

/// The trust file and all its versions, oldest first.
#[derive(ToSchema)]
#[schema(as = TrustHistory)]
pub(crate) struct TrustHistorySchema {
    service: String,
    trust: TrustSchema,
    history: Vec<TrustVersionSchema>,
}

/// A version of the trust file.
#[derive(ToSchema)]
#[schema(as = TrustVersion, rename_all = "camelCase")]
pub(crate) struct TrustVersionSchema {
    version: i64,
    published_at: String,
    /// SHA-256 of the file's JCS form.
    digest: String,
    trust: TrustSchema,
}

/// The report of a verification: a verdict and every check behind it.
#[derive(ToSchema)]
#[schema(as = Report, rename_all = "camelCase")]
pub(crate) struct ReportSchema {
    /// `verified`, `not-verified`, `provisional`, `could-not-be-checked`, `revoked` or `expired`.
    verdict: String,
    /// The sentence behind it.
    reason: String,
    /// All checks, always in the same order; `token` only for a proof with a token.
    checks: Vec<CheckSchema>,
    /// Whose trust file judged.
    service: String,
    issuer: String,
    rule: String,
    digest: String,
    leaf: String,
    root: Option<String>,
    commitment: Option<String>,
    /// Each anchor of the document and what its chain says.
    #[schema(value_type = Vec<Object>)]
    anchors: Vec<()>,
    /// The proof's token and what its chain says, with `status`: `held`, `provisional`,
    /// `not-minted`, `revoked`, `burned`, `distrusted`, `unreachable`, `unknown-collection` or
    /// `foreign`.
    #[schema(value_type = Option<Object>)]
    token: (),
    /// Each signature that the badge carries; the check `issuer-signature` says what follows.
    signatures: Vec<SignatureSchema>,
    /// Three times that say different things.
    #[schema(value_type = Object)]
    times: (),
    /// What this service knows of the badge; no part of the verdict. Absent without a badge.
    presented: Option<Finding>,
}

/// A signature that the badge carries, checked with nothing but the badge.
#[derive(ToSchema)]
#[schema(as = IssuerSignature)]
pub(crate) struct SignatureSchema {
    /// `jws`, or the JSON pointer of the proof.
    place: String,
    /// Algorithm of the JWS; cryptosuite or type of the proof.
    algorithm: String,
    /// The key as the signature names it.
    key: Option<String>,
    /// `passed` only for the issuer's own key, else `failed` or `not-checked`.
    outcome: String,
    /// A stable name for `detail`, such as `by_issuer`, `wrong_signature` or `key_at_url`.
    code: String,
    detail: String,
}

/// One named check.
#[derive(ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckSchema {
    name: String,
    /// `passed`, `failed` or `not-checked`.
    outcome: String,
    detail: String,
}
