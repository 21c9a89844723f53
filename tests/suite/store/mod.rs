//! One conformance suite for every back end of `store::Store`: its documentation, tested.

mod accounts;
mod audit;
mod collections;
mod concluding;
mod erasure;
mod facts;
mod fee_samples;
mod following;
mod intake;
mod late_commits;
mod lease;
mod listing;
mod lookup;
mod mint_batches;
mod mint_erasure;
mod mint_requests;
mod mint_signing;
mod mint_world;
mod promise;
mod revocation;
mod schema;
mod sealing;
mod signing;
mod tiles;
mod world;
