//! The badge crate against the fixtures in `tests/vectors/badges` of this repository, whose
//! `SOURCES.tsv` says where each came from.

mod baked_png;
mod baked_svg;
mod baking;
mod carriers;
mod demo_badges;
mod digests;
mod embedding;
mod fixtures;
mod jcs;
mod json_policy;
mod known_badges;
mod korean;
mod properties;
mod signed;
mod sources;
