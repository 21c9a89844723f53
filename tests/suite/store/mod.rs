//! One conformance suite for every back end of `store::Store`: its documentation, tested.

mod accounts;
mod audit;
mod concluding;
mod erasure;
mod facts;
mod intake;
mod late_commits;
mod lease;
mod listing;
mod lookup;
mod promise;
mod revocation;
mod schema;
mod sealing;
mod signing;
mod tiles;
mod world;
