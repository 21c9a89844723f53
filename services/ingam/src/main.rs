//! The one binary: configuration, wiring, subcommands.
fn main() {}
