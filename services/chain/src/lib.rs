//! The Chain trait, the EVM client, the contract bindings, the signer, and a simulated chain for tests.
