//! The EVM client against anvil, and against nodes that misbehave as they are told.

mod development_node;
mod failover;
mod finality;
mod preflight;
mod scripted_node;
mod sending;
mod verification;
