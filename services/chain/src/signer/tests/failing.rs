//! A key service that fails: nothing is signed, the reason is told without secrets, and the same nonce
//! is signed once it is well.

use alloy::consensus::TxEip1559;
use alloy::primitives::{Address as EvmAddress, B256, TxKind, U256};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::service::{INTERFACES, Interface, KeyService, Mood, SECRET};
use super::*;
use crate::decode;

fn anchor() -> TransactionRequest {
    let call = ContractCall::Anchor { registry: REGISTRY, commitment: Hash([9; 32]) };
    let fees = Fees { max_fee: 9, max_priority_fee: 1 };
    TransactionRequest { call, nonce: 3, gas_limit: 60_000, fees }
}

async fn assert_signs(signer: &dyn TransactionSigner, request: &TransactionRequest) {
    let signed = signer.sign(request).await.unwrap();
    let expected = expected(signer.address(), 31_337, request, signed.hash);
    assert_eq!(decode(&signed.raw), Ok(expected));
}

async fn assert_fails(service: &KeyService, signer: &dyn TransactionSigner, what: &str) {
    let error = signer.sign(&anchor()).await.unwrap_err();
    let SignError::Unavailable(why) = &error else { panic!("{what}: {error}") };
    let told = !why.is_empty() && why.len() < 500 && !why.contains(SECRET);
    assert!(told, "{:?}, {what}: {why}", service.interface);
}

fn moods() -> Vec<(&'static str, Mood)> {
    let json = |text: &str| Mood::Says(200, text.to_owned());
    vec![
        ("throttled", Mood::Throttled),
        ("server error", Mood::Says(500, "oops".to_owned())),
        ("unavailable, in HTML", Mood::Says(503, format!("<html>{SECRET}</html>"))),
        ("forbidden, repeating the token", Mood::Says(403, format!(r#"{{"error":"{SECRET}"}}"#))),
        ("HTML with 200", json("<html><body>Sign in</body></html>")),
        ("empty", json("")),
        ("null", json("null")),
        ("another JSON", json(r#"{"Signature":"AAAA","signature":"AAAA","result":"0x00"}"#)),
        ("long", json(&"0".repeat(300 << 10))),
        ("redirect", Mood::Says(302, String::new())),
        ("connection ends", Mood::Cut),
        ("another key", Mood::OtherKey),
        ("a key of another curve", Mood::OtherCurve),
        ("over something else", Mood::OtherDigest),
        ("r = s = 1", Mood::Scalars(U256::ONE, U256::ONE)),
    ]
}

#[tokio::test]
async fn a_key_service_that_fails_signs_nothing_and_then_the_same_nonce() {
    for &interface in INTERFACES {
        let service = KeyService::start(interface).await;
        let signer = service.signer().await;
        assert_signs(signer.as_ref(), &anchor()).await;
        for (what, mood) in moods() {
            service.set(mood);
            assert_fails(&service, signer.as_ref(), what).await;
            service.set(Mood::Good);
            assert_signs(signer.as_ref(), &anchor()).await;
        }
    }
}

#[tokio::test]
async fn a_key_service_that_is_silent_is_not_waited_for() {
    for &interface in INTERFACES {
        let service = KeyService::start(interface).await;
        let signer = service.impatient_signer().await;
        service.set(Mood::Silence);
        assert_fails(&service, signer.as_ref(), "silence").await;
        service.set(Mood::Good);
        assert_signs(service.signer().await.as_ref(), &anchor()).await;
    }
}

#[tokio::test]
async fn both_forms_of_a_signature_are_taken_and_the_valid_one_is_made() {
    for &interface in INTERFACES {
        let service = KeyService::start(interface).await;
        let signer = service.signer().await;
        // parity is not told, and is either with half of the digests
        for mood in [Mood::Good, Mood::HighS] {
            service.set(mood);
            for nonce in 0..8 {
                assert_signs(signer.as_ref(), &TransactionRequest { nonce, ..anchor() }).await;
            }
        }
    }
}

/// Only interfaces that carry bare numbers can bring such.
#[tokio::test]
async fn numbers_beyond_the_curve_are_no_signature() {
    let service = KeyService::start(Interface::Web3Signer).await;
    let signer = service.signer().await;
    for (r, s) in [
        (U256::ZERO, U256::ONE),
        (U256::ONE, U256::ZERO),
        (U256::MAX, U256::ONE),
        (U256::ONE, U256::MAX),
    ] {
        service.set(Mood::Scalars(r, s));
        assert_fails(&service, signer.as_ref(), "numbers").await;
    }
}

#[tokio::test]
async fn a_service_without_our_key_is_refused_when_it_is_opened() {
    for &interface in INTERFACES {
        if interface == Interface::EthSignTransaction {
            continue; // it is not asked before the first signature
        }
        let service = KeyService::start(interface).await;
        service.set(Mood::OtherCurve);
        let error = service.open(None).await.err().unwrap();
        assert!(matches!(error, KeyServiceError::Key(_)), "{interface:?}: {error}");
        for (what, mood) in moods() {
            if matches!(
                mood,
                Mood::OtherCurve | Mood::OtherKey | Mood::OtherDigest | Mood::Scalars(..)
            ) {
                continue;
            }
            service.set(mood);
            let error = service.open(None).await.err();
            let error = error.unwrap_or_else(|| panic!("{interface:?}, {what}: opened"));
            assert!(!error.to_string().contains(SECRET), "{interface:?}, {what}: {error}");
        }
        service.set(Mood::Good);
        assert_signs(service.signer().await.as_ref(), &anchor()).await;
    }
}

#[tokio::test]
async fn a_signing_service_has_to_list_the_configured_account() {
    let service = KeyService::start(Interface::Web3Signer).await;
    service.set(Mood::OtherKey);
    let error = service.open(None).await.err().unwrap();
    assert!(matches!(error, KeyServiceError::Key(_)), "{error}");
    assert!(error.to_string().contains("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"), "{error}");
}

#[tokio::test]
async fn a_missing_token_is_told_and_a_new_one_is_read() {
    let service = KeyService::start(Interface::EthSignTransaction).await;
    let mut remote = service.remote(RemoteInterface::EthSignTransaction);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    remote.token_file = Some(file.clone());
    let signer = RemoteSigner::open(remote, policy()).await.unwrap();
    assert_fails(&service, &signer, "no token").await;
    assert_eq!(service.signatures(), 0);
    std::fs::write(file, SECRET).unwrap();
    assert_signs(&signer, &anchor()).await;
}

#[cfg(feature = "gcp-kms")]
#[tokio::test]
async fn only_names_of_key_versions_are_asked_for() {
    let service = KeyService::start(Interface::GcpKms).await;
    for wrong in [
        "",
        "k",
        "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/",
        "projects/../locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
        "projects/p/locations/l/keyRings/r/cryptoKeys/k?x/cryptoKeyVersions/1",
        "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1/x",
        "/projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1",
    ] {
        let error = service.open_gcp(wrong).await.err().unwrap();
        assert!(error.to_string().contains("cryptoKeyVersions"), "{wrong}: {error}");
    }
}

/// One field changed.
fn changed(original: TxEip1559, field: usize, by: u64) -> TxEip1559 {
    let mut other = original;
    let by = by.max(1);
    match field {
        0 => other.chain_id ^= by,
        1 => other.nonce ^= by,
        2 => other.gas_limit ^= by,
        3 => other.max_fee_per_gas ^= u128::from(by),
        4 => other.max_priority_fee_per_gas ^= u128::from(by),
        5 => other.to = TxKind::Call(EvmAddress::from_word(B256::from(U256::from(by)))),
        6 => other.to = TxKind::Create,
        7 => other.value = U256::from(by),
        8 => other.input = [&other.input[..], &[0]].concat().into(),
        9 => {
            let mut input = other.input.to_vec();
            let at = usize::try_from(by).unwrap() % input.len();
            input[at] ^= 1;
            other.input = input.into();
        }
        _ => other.access_list = vec![Default::default()].into(),
    }
    other
}

#[test]
fn a_service_that_signs_another_transaction_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(KeyService::start(Interface::EthSignTransaction));
    let signer = runtime.block_on(service.signer());
    let request = anchor();
    let original = crate::transaction::unsigned(
        31_337,
        request.nonce,
        Some(REGISTRY),
        request.call.to_input(),
        request.gas_limit,
        request.fees,
    );
    let fields = (0_usize..11, 1..u64::from(u32::MAX));
    TestRunner::new(ProptestConfig::with_cases(64))
        .run(&fields, |(field, by)| {
            service.set(Mood::OtherTransaction(changed(original.clone(), field, by)));
            let refused = runtime.block_on(signer.sign(&request));
            prop_assert!(matches!(refused, Err(SignError::Unavailable(_))), "{refused:?}");
            Ok(())
        })
        .unwrap();
    service.set(Mood::OtherTransaction(original));
    assert!(runtime.block_on(signer.sign(&request)).is_ok());
}

#[test]
fn every_signer_asks_only_for_what_the_policy_allows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for &interface in INTERFACES {
        let service = runtime.block_on(KeyService::start(interface));
        let signer = runtime.block_on(service.signer());
        TestRunner::new(ProptestConfig::with_cases(128))
            .run(&request(), |request| {
                let before = service.signatures();
                match runtime.block_on(signer.sign(&request)) {
                    Ok(signed) => {
                        prop_assert!(allowed(&request));
                        prop_assert_eq!(service.signatures(), before + 1);
                        let expected = expected(signer.address(), 31_337, &request, signed.hash);
                        prop_assert_eq!(decode(&signed.raw), Ok(expected));
                    }
                    Err(SignError::Refused(_)) => {
                        prop_assert!(!allowed(&request));
                        prop_assert_eq!(service.signatures(), before, "it was asked");
                    }
                    Err(error) => prop_assert!(false, "{}", error),
                }
                Ok(())
            })
            .unwrap();
    }
}
