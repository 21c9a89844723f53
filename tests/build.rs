//! Decides whether the tests on PostgreSQL are there to run: a test that is not run must be
//! counted as ignored, and libtest knows that at compile time only.

const URL: &str = "TEST_DATABASE_URL";
/// Set by CI: without a server the tests on PostgreSQL fail instead of being ignored.
const REQUIRED: &str = "INGAM_REQUIRE_POSTGRES";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(postgres)");
    for name in [URL, REQUIRED] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if std::env::var_os(URL).or_else(|| std::env::var_os(REQUIRED)).is_some() {
        println!("cargo::rustc-cfg=postgres");
    } else {
        println!(
            "cargo::warning={URL} is not set: the tests on PostgreSQL are ignored \
             (scripts/postgres-for-tests run cargo test …)"
        );
    }
}
