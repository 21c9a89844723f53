//! The example is alive, defaults are what it says, and every limit refuses.

use super::*;

const EXAMPLE: &str = include_str!("../../../../deploy/config.example.toml");

fn no_environment(_: &str) -> Option<String> {
    None
}

fn example() -> Config {
    Config::parse(EXAMPLE, &no_environment).unwrap()
}

#[test]
fn the_example_is_read_and_shows_the_defaults() {
    let config = example();
    assert_eq!(config.seal, SealConfig::default());
    assert_eq!(config.mint, MintConfig::default());
    assert_eq!(config.worker, WorkerConfig::default());
    assert_eq!(config.promise, PromiseConfig::default());
    assert_eq!(config.api, ApiConfig::default());
    assert_eq!(config.log, LogConfig::default());
    assert_eq!(config.chain.finality, chain::FinalityConfig::default());
    let paid = config.chain.fees.policy();
    let only_choice: fees::FeeConfig = toml::from_str(r#"on_cap = "breach_budget""#).unwrap();
    assert_eq!(paid, only_choice.policy());
    assert_eq!(config.chain.fees, only_choice);
}

#[test]
fn a_profile_lies_beneath_what_the_file_says() {
    let required: String = EXAMPLE.split("[chain.finality]").next().unwrap().to_owned()
        + "[chain.fees]\non_cap = \"breach_promise\"\n";
    let read = |name: &str, more: &str| {
        let profile = format!("profile = \"{name}\"");
        let text = required.replacen("profile = \"l1\"", &profile, 1) + more;
        Config::parse(&text, &no_environment).unwrap()
    };
    let l1 = read("l1", "");
    assert_eq!(l1.seal, SealConfig::default());
    assert_eq!(l1.mint, MintConfig::default());
    assert_eq!(l1.chain.finality, chain::FinalityConfig::default());
    let hours = |timing: domain::SendTiming| {
        [timing.latest_first_send_ms, timing.min_interval_ms, timing.escalate_before_ms]
            .map(|millis| millis / 3_600_000)
    };
    assert_eq!(hours(l1.seal.timing(l1.promise.length_ms())), [6, 1, 18]);
    assert_eq!(hours(l1.mint.timing()), [18, 2, 6]);
    for name in ["op-stack", "arbitrum", "polygon", "bft", "anvil"] {
        let config = read(name, "");
        assert_eq!(hours(config.seal.timing(config.promise.length_ms())), [0, 0, 24], "{name}");
        assert_eq!(hours(config.mint.timing()), [0, 0, 24], "{name}");
    }
    assert_eq!(read("polygon", "").chain.finality.min_depth, 256);
    let own = "[chain.finality]\nmin_depth = 300\n[mint]\nmax_age_seconds = 7\n";
    let polygon = read("polygon", own);
    assert_eq!(polygon.chain.finality.min_depth, 300);
    assert_eq!(polygon.mint.timing().latest_first_send_ms, 0, "the rest is the profile's");
    assert_eq!(polygon.mint.policy(10_000_000).max_age_ms, 7_000);
}

#[test]
fn mint_batches_fit_the_gas_cap() {
    let mint = example().mint;
    for (gas_cap, due_count, max_count) in
        [(10_000_000, 256, 1_024), (2_000_000, 200, 200), (100_000, 1, 1)]
    {
        let policy = mint.policy(gas_cap);
        assert_eq!((policy.due_count, policy.max_count), (due_count, max_count), "{gas_cap}");
    }
}

#[test]
fn required_values_suffice() {
    let (mut text, mut required) = (String::new(), false);
    for line in EXAMPLE.lines() {
        match line {
            line if line.starts_with('[') => {
                let kept = ["[service]", "[database]", "[chain]", "[chain.fees]"];
                if kept.contains(&line) {
                    text.push_str(&format!("{line}\n"));
                }
                required = false;
            }
            line if line.starts_with("# Required, all three") => required = true,
            line if line.starts_with("# Required") => required = true,
            line if line.starts_with('#') => {}
            line if required => {
                text.push_str(&format!("{line}\n"));
                required = line.starts_with("registry") && !line.starts_with("registry_from");
            }
            _ => {}
        }
    }
    let config = Config::parse(&text, &no_environment).unwrap();
    assert_eq!(config.service, example().service);
    assert_eq!(config.signer, SignerConfig::default());
}

#[test]
fn the_environment_wins_and_secrets_are_not_printed() {
    let environment = |name: &str| match name {
        "INGAM_DATABASE_URL" => {
            Some("postgres://ingam:hunter2@db/ingam?sslmode=require".to_owned())
        }
        "INGAM_RPC_URLS" => Some("https://a.example/key-hunter2, https://b.example/".to_owned()),
        _ => None,
    };
    let config = Config::parse(EXAMPLE, &environment).unwrap();
    let urls = ["https://a.example/key-hunter2", "https://b.example/"];
    assert_eq!(config.chain.rpc_urls, urls.map(|url| url.parse().unwrap()));
    let printed = format!("{config:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
    assert_eq!(config.database.url.to_string(), "postgres://…@db/ingam");
}

#[test]
fn what_is_wrong_is_named() {
    for (good, bad, named) in [
        ("max_count = 1_000_000", "max_count = 0", "seal.max_count"),
        ("max_count = 1_000_000", "max_cuont = 1", "max_cuont"),
        ("only.\nhours = 24", "\nhours = 0", "promise.hours"),
        ("only.\nhours = 24", "\nhours = 1", "promise.min_lead_seconds"),
        ("max_age_seconds = 3_600", "max_age_seconds = 86_400", "seal.max_age_seconds"),
        ("profile = \"l1\"", "profile = \"l3\"", "l3"),
        (
            "latest_first_send_seconds = 21_600",
            "latest_first_send_seconds = 72_001",
            "seal.latest_first_send_seconds",
        ),
        (
            "latest_first_send_seconds = 64_800",
            "latest_first_send_seconds = 72_001",
            "mint.latest_first_send_seconds",
        ),
        ("min_interval_seconds = 3_600", "min_interval_seconds = 90_000", "seal.min_interval"),
        ("on_cap = \"breach_budget\"", "", "chain.fees.on_cap"),
        ("on_cap = \"breach_budget\"", "on_cap = \"both\"", "both"),
        ("usual_cap_wei = 50_000_000_000", "usual_cap_wei = 0", "chain.fees.usual_cap_wei"),
        ("gas_cap = 10_000_000", "gas_cap = 20_000_000", "chain.fees.gas_cap"),
        ("gas_per_token = 7_360", "gas_per_token = 0", "mint.gas_per_token"),
        ("base_gas = 122_500", "base_gas = 20_000_000", "mint.base_gas"),
        ("min_lead_seconds = 7_200", "min_lead_seconds = 0", "promise.min_lead_seconds"),
        ("at_risk_seconds = 1_800", "at_risk_seconds = 7_200", "promise.at_risk_seconds"),
        ("trusted_proxies = []", "trusted_proxies = [\"10.0.0.0/99\"]", "10.0.0.0/8"),
        ("key_burst = 4_000", "key_burst = 0", "key_burst"),
        ("rule = \"tag\"\n", "rule = \"hope\"\n", "hope"),
        ("chain_id = 1\n", "chain_id = 0\n", "chain.chain_id"),
        ("https://rpc.example/", "ftp://rpc.example/", "rpc_urls"),
        ("0x00000000000000000000000000000000000000a0", "0xa0", "registry"),
        ("sqlite:/var/lib/ingam/ingam.db", "mysql://x", "postgres://"),
        ("password_file = \"/etc", "#password_file = \"/etc", "signer.password_file"),
        ("#dev_key_file", "dev_key_file", "signer.dev_key_file"),
        ("public_url = \"https://ingam.example\"", "public_url = \"https://a/\"", "public_url"),
        ("id = \"ingam.example\"", "id = \"in gam\"", "service.id"),
        ("idle_milliseconds = 1_000", "idle_milliseconds = 1", "worker.idle_milliseconds"),
        ("timeout_seconds = 10", "timeout_seconds = 60", "chain.timeout_seconds"),
        ("queued_bulks = 8", "queued_bulks = 0", "api.queued_bulks"),
        ("max_connections = 16", "max_connections = 1", "database.max_connections"),
    ] {
        assert!(EXAMPLE.contains(good), "{good}");
        let text = EXAMPLE.replacen(good, bad, 1);
        let error = format!("{:#}", Config::parse(&text, &no_environment).unwrap_err());
        assert!(error.contains(named), "{bad}: {error}");
    }
}

#[test]
fn database_urls_are_of_two_kinds() {
    for (text, path) in [("sqlite:a.db", "a.db"), ("sqlite:///x/a.db", "/x/a.db")] {
        assert_eq!(text.parse(), Ok(DatabaseUrl::Sqlite(path.into())), "{text}");
    }
    assert!(matches!("postgresql://h/d".parse(), Ok(DatabaseUrl::Postgres(_))));
    for wrong in ["", "sqlite:", "sqlite::memory:", "sqlite:a.db?mode=ro", "a.db"] {
        assert!(wrong.parse::<DatabaseUrl>().is_err(), "{wrong}");
    }
}
