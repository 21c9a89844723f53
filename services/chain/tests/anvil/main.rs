//! The EVM client against anvil, and against nodes that misbehave as they are told.

mod captured_log;
mod collection;
mod deployment;
mod development_node;
mod events;
mod failover;
mod finality;
mod minting;
mod preflight;
mod quarantine;
mod remote_signer;
mod scripted_node;
mod secrets;
mod sending;
mod verification;
