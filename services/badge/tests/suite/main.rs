//! The badge crate against the fixtures in `tests/vectors/badges` of this repository, whose
//! `SOURCES.tsv` says where each came from.

mod demo_badges;
mod digests;
mod embedding;
mod fixtures;
mod jcs;
mod json_policy;
mod known_badges;
mod properties;
