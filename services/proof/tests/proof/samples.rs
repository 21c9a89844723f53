//! The world of the worked examples: one issuer, five leaves, one service, one registry.

use proof::{
    Address, AnchorHint, BadgeRef, Control, DistrustedOperator, Entry, EvmHash, Hash, Inclusion,
    IssuerEntry, IssuerIdentifier, Promise, ProofDocument, Receipt, ReceiptKey, ReceiptKeyEntry,
    RegistryEntry, Rule, Timestamp, TokenId, TokenInclusion, TokenRef, TrustFile, commitment,
    path_of_leaves, root_of_leaves, vacated_leaf,
};

/// A badge of `jcs-sha256-v1`, already in its RFC 8785 form and without a `proof`.
pub(crate) const BADGE: &str =
    r#"{"id":"urn:uuid:3f0c","issuer":"https://hanbit.ac.kr/","name":"반도체 공통"}"#;
pub(crate) const ISSUER: &str = "https://hanbit.ac.kr/";
pub(crate) const SERVICE: &str = "https://ingam.example/";
pub(crate) const CHAIN_ID: u64 = 31337;
/// Secret key of RFC 8032 section 7.1, test 1: known to all, never to be used.
pub(crate) const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

pub(crate) fn issuer() -> IssuerIdentifier {
    ISSUER.parse().unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn address(byte: u8) -> Address {
    Address([byte; 20])
}

/// A salt of 32 consecutive bytes: salts are random, examples are readable.
pub(crate) fn salt(first: u8) -> Hash {
    Hash(std::array::from_fn(|i| first + i as u8))
}

pub(crate) fn badge() -> BadgeRef {
    let digest = Hash::of(&[BADGE.as_bytes()]);
    BadgeRef { rule: Rule::JcsSha256V1, digest, issuer: issuer(), salt: salt(0x20) }
}

/// What stands at each place of the example tree. Place 2 was vacated; the badge is at 3.
pub(crate) fn entries() -> [Option<Entry>; 5] {
    let entry = |rule, text: &str, first| {
        let digest = Hash::of(&[text.as_bytes()]);
        Some(Entry { rule, issuer: issuer().hash(), digest, salt: salt(first) })
    };
    [
        entry(Rule::FileSha256, "a file", 0x40),
        entry(Rule::Opaque, "a secret", 0x60),
        None,
        Some(badge().entry()),
        entry(Rule::AuditHead, "an audit head", 0x80),
    ]
}

/// Position of the first leaf: stream 1, number 7.
pub(crate) const FIRST_POSITION: u64 = (1 << 48) + 7;
pub(crate) const INDEX: u64 = 3;

pub(crate) fn leaves() -> Vec<Hash> {
    (FIRST_POSITION..)
        .zip(entries())
        .map(|(position, entry)| entry.map_or_else(|| vacated_leaf(position), |e| e.leaf()))
        .collect()
}

pub(crate) fn key() -> ReceiptKey {
    ReceiptKey::from_seed(SEED)
}

pub(crate) fn promise() -> Promise {
    let BadgeRef { rule, digest, issuer, salt } = badge();
    Promise {
        service: SERVICE.to_owned(),
        issuer,
        rule,
        digest,
        salt,
        leaf: badge().entry().leaf(),
        external_id: Some("2026-반도체-0001".to_owned()),
        received_at: time("2026-03-01T09:30:00.250Z"),
        window_started_at: Some(time("2026-03-01T09:00:00.000Z")),
        deadline_at: time("2026-03-02T09:00:00.000Z"),
        chain_id: CHAIN_ID,
        registry: address(0x11),
    }
}

pub(crate) fn receipt() -> Receipt {
    key().issue(promise())
}

pub(crate) fn pending() -> ProofDocument {
    ProofDocument {
        badge: badge(),
        inclusion: None,
        anchors: Vec::new(),
        token: None,
        receipt: None,
        deadline_at: Some(promise().deadline_at),
    }
}

/// The salt of the badge's token.
pub(crate) fn token_salt() -> Hash {
    salt(0xa0)
}

/// The example's mint batch: each leaf with its owner, in the order of owners. The badge is at 1.
pub(crate) fn minted() -> [(Hash, Address); 3] {
    let leaves = leaves();
    [(leaves[4], address(0x32)), (token_leaf(), address(0x33)), (leaves[0], address(0x33))]
}

/// The badge's leaf with the token's salt.
pub(crate) fn token_leaf() -> Hash {
    Entry { salt: token_salt(), ..badge().entry() }.leaf()
}

pub(crate) fn minted_leaves() -> [Hash; 3] {
    minted().map(|(leaf, _)| leaf)
}

pub(crate) fn mint_commitment() -> Hash {
    commitment(3, root_of_leaves(&minted_leaves()).unwrap(), Hash::ZERO)
}

pub(crate) fn token() -> TokenRef {
    let path = path_of_leaves(&minted_leaves(), 1).unwrap();
    TokenRef {
        chain_id: CHAIN_ID,
        contract: address(0x22),
        id: TokenId::of(mint_commitment(), 1),
        salt: token_salt(),
        owner: Some(minted()[1].1),
        inclusion: TokenInclusion { index: 1, tree_size: 3, path },
    }
}

pub(crate) fn document() -> ProofDocument {
    let leaves = leaves();
    let inclusion = Inclusion {
        index: INDEX,
        tree_size: leaves.len() as u64,
        path: path_of_leaves(&leaves, INDEX).unwrap(),
        blockcerts_root: None,
    };
    let anchor = AnchorHint {
        transaction: Some(EvmHash([0xaa; 32])),
        block_number: Some(120),
        block_hash: Some(EvmHash([0xbb; 32])),
        block_time: Some(time("2026-03-01T10:00:12.000Z")),
        ..AnchorHint::new(CHAIN_ID, address(0x11))
    };
    ProofDocument {
        badge: badge(),
        inclusion: Some(inclusion),
        anchors: vec![anchor],
        token: Some(token()),
        receipt: Some(receipt()),
        deadline_at: None,
    }
}

pub(crate) fn trust() -> TrustFile {
    let published = time("2026-02-01T00:00:00.000Z");
    TrustFile {
        service: SERVICE.to_owned(),
        registries: vec![RegistryEntry {
            chain_id: CHAIN_ID,
            registry: address(0x11),
            token_contracts: vec![address(0x22)],
            from_block: 100,
            until_block: None,
            distrusted_operators: vec![DistrustedOperator {
                operator: address(0x44),
                from_block: 250,
            }],
        }],
        receipt_keys: vec![ReceiptKeyEntry::new(key().public(), published)],
        issuers: vec![IssuerEntry {
            identifier: issuer(),
            aliases: vec!["http://badges.hanbit.ac.kr/issuer.json".to_owned()],
            control: Control::WellKnown,
            control_shown_at: published,
        }],
        published_at: published,
    }
}
