//! Trust files: strict reading, and what an entry decides.

use proof::{
    AnchorDistrust, DistrustedOperator, DocumentError, Hash, MAX_TOKEN_CONTRACTS, Promise, Receipt,
    ReceiptError, RegistryEntry, TrustFile,
};

use crate::samples;

#[test]
fn a_trust_file_reads_as_written() {
    let trust = samples::trust();
    assert_eq!(TrustFile::parse(trust.to_json().as_bytes()), Ok(trust.clone()));
    let value: serde_json::Value = serde_json::from_str(&trust.to_json()).unwrap();
    // `serde_json` sorts members; with ASCII names and integers that is the RFC 8785 form
    assert_eq!(trust.digest(), Hash::of(&[value.to_string().as_bytes()]));
    let mut other = trust.clone();
    other.registries[0].from_block += 1;
    assert_ne!(other.digest(), trust.digest());
}

#[test]
fn refusals_name_the_place() {
    let sorted = serde_json::to_value(samples::trust()).unwrap();
    let good = sorted.to_string();
    let key = samples::key().public();
    let other_key = proof::ReceiptKey::from_seed([7; 32]).public();
    let repeat = |name: &str| {
        let item = sorted[name][0].to_string();
        (format!("\"{name}\":[{item}"), format!("\"{name}\":[{item},{item}"))
    };
    let (registry, registries) = repeat("registries");
    let (receipt_key, receipt_keys) = repeat("receiptKeys");
    let (issuer, issuers) = repeat("issuers");
    let alias = "\"http://badges.hanbit.ac.kr/issuer.json\"";
    let collection = format!("\"{}\"", samples::address(0x22));
    let collections = format!("\"tokenContracts\":[{collection}]");
    let collection_twice = format!("{collection},{collection}");
    let operator = format!("\"fromBlock\":250,\"operator\":\"{}\"", samples::address(0x44));
    for (from, to, place) in [
        ("ingam-trust/1", "ingam-trust/2", "/format"),
        ("\"service\"", "\"note\":1,\"service\"", "/note"),
        ("\"service\"", "\"service\":\"x\",\"service\"", "/service"),
        ("\"service\":\"https://ingam.example/\"", "\"service\":\"\"", "/service"),
        ("\"chainId\"", "\"label\":1,\"chainId\"", "/registries/0/label"),
        ("\"chainId\":31337", "\"chainId\":9007199254740992", "/registries/0/chainId"),
        ("\"fromBlock\":100", "\"fromBlock\":100,\"untilBlock\":99", "/registries/0"),
        ("\"fromBlock\":100", "\"fromBlock\":100,\"untilBlock\":null", "/registries/0/untilBlock"),
        (&operator, &format!("{operator}}},{{{operator}"), "/registries/0"),
        (&registry, &registries, "/registries/1"),
        (&collections, "\"tokenContracts\":[]", "/registries/0/tokenContracts"),
        (&collections, "\"tokenContracts\":null", "/registries/0/tokenContracts"),
        (&collections, "\"tokenContracts\":[7]", "/registries/0/tokenContracts/0"),
        (&collection, &collection_twice, "/registries/0/tokenContracts/1"),
        (&key.to_string(), &other_key.to_string(), "/receiptKeys/0"),
        (&receipt_key, &receipt_keys, "/receiptKeys/1"),
        (
            "\"publicKey\"",
            "\"notAfter\":\"2026-01-01T00:00:00.000Z\",\"publicKey\"",
            "/receiptKeys/0",
        ),
        (&issuer, &issuers, "/issuers/1/identifier"),
        ("well-known", "asked", "/issuers/0/control"),
        (alias, &format!("{alias},{alias}"), "/issuers/0/alsoKnownAs/1"),
        (alias, "\"https://hanbit.ac.kr/\"", "/issuers/0/alsoKnownAs/0"),
        (alias, "\"\"", "/issuers/0/alsoKnownAs/0"),
        ("\"https://hanbit.ac.kr/\"", "\"https://HANBIT.ac.kr/\"", "/issuers/0/identifier"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        match TrustFile::parse(changed.as_bytes()) {
            Err(DocumentError::At { pointer, .. }) => assert_eq!(pointer, place, "{to}"),
            other => panic!("{to}: {other:?}"),
        }
    }
    let mut weak = samples::trust();
    weak.receipt_keys[0].public_key.0 = [0; 32];
    weak.receipt_keys[0].key_id = weak.receipt_keys[0].public_key.id();
    assert!(weak.check().is_err());
}

#[test]
fn a_collection_has_one_registry() {
    let mut trust = samples::trust();
    let contract = samples::address(0x22);
    let second = RegistryEntry { registry: samples::address(0x12), ..trust.registries[0].clone() };
    trust.registries.push(second);
    let Err(DocumentError::At { pointer, .. }) = trust.check() else { panic!("listed twice") };
    assert_eq!(pointer, "/registries/1/tokenContracts/0");
    // another chain may have another contract at the same address
    trust.registries[1].chain_id = 1;
    assert_eq!(trust.check(), Ok(()));
    let registry = |chain| trust.collection(chain, &contract).map(|entry| entry.registry);
    assert_eq!(registry(samples::CHAIN_ID), Some(samples::address(0x11)));
    assert_eq!(registry(1), Some(samples::address(0x12)));
    assert_eq!(registry(2), None);
    assert_eq!(trust.collection(1, &samples::address(0x23)), None);

    trust.registries[1].token_contracts.clear();
    let written = trust.to_json();
    assert_eq!(written.matches("tokenContracts").count(), 1);
    assert_eq!(TrustFile::parse(written.as_bytes()), Ok(trust.clone()));
    trust.registries[1].token_contracts = vec![contract; MAX_TOKEN_CONTRACTS + 1];
    assert!(trust.check().is_err());
    assert!(TrustFile::parse(trust.to_json().as_bytes()).is_err());
}

#[test]
fn an_entry_judges_anchors_by_block_and_operator() {
    let entry = RegistryEntry {
        until_block: Some(300),
        distrusted_operators: vec![DistrustedOperator {
            operator: samples::address(9),
            from_block: 200,
        }],
        ..samples::trust().registries[0].clone()
    };
    let (good, lost) = (samples::address(8), samples::address(9));
    for (operator, block, verdict) in [
        (&good, 99, Err(AnchorDistrust::Block)),
        (&good, 100, Ok(())),
        (&good, 300, Ok(())),
        (&good, 301, Err(AnchorDistrust::Block)),
        (&lost, 199, Ok(())),
        (&lost, 200, Err(AnchorDistrust::Operator)),
    ] {
        assert_eq!(entry.judge(operator, block), verdict, "{operator} {block}");
    }
}

#[test]
fn entries_are_selected_never_added() {
    let trust = samples::trust();
    assert!(trust.registry(samples::CHAIN_ID, &samples::address(0x11)).is_some());
    assert!(trust.registry(samples::CHAIN_ID + 1, &samples::address(0x11)).is_none());
    assert!(trust.registry(samples::CHAIN_ID, &samples::address(0x12)).is_none());
    let issuer = trust.issuer(samples::ISSUER).unwrap();
    assert!(issuer.is_named(samples::ISSUER));
    assert!(issuer.is_named("http://badges.hanbit.ac.kr/issuer.json"));
    assert!(!issuer.is_named("https://hanbit.ac.kr"));
    assert!(trust.issuer("http://badges.hanbit.ac.kr/issuer.json").is_none());
}

#[test]
fn a_receipt_needs_service_registry_and_key() {
    let trust = samples::trust();
    assert_eq!(trust.check_receipt(&samples::receipt()), Ok(()));
    let of = |promise: Promise| trust.check_receipt(&samples::key().issue(promise));
    let other_service = Promise { service: "other".to_owned(), ..samples::promise() };
    assert_eq!(of(other_service), Err(ReceiptError::UnknownService));
    let other_registry = Promise { registry: samples::address(1), ..samples::promise() };
    assert_eq!(of(other_registry), Err(ReceiptError::UnknownRegistry));
    let other_key: Receipt = proof::ReceiptKey::from_seed([7; 32]).issue(samples::promise());
    assert_eq!(trust.check_receipt(&other_key), Err(ReceiptError::UnknownKey));
}
