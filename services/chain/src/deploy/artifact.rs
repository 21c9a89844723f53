//! A compiled contract as `contracts/abi/` has it, with what the bindings leave out: where in its
//! code immutable values stand.

use std::collections::BTreeMap;

use alloy::primitives::{B256, Bytes, keccak256};
use proof::Hash;
use serde::Deserialize;

/// Code to deploy, and the code that is there afterwards but for immutable values.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Artifact {
    pub(super) bytecode: Bytes,
    deployed_bytecode: Bytes,
    /// By the number that `contracts/README.md` names.
    immutable_references: BTreeMap<String, Vec<Place>>,
}

#[derive(Debug, Deserialize)]
struct Place {
    start: usize,
    length: usize,
}

impl Artifact {
    /// Reads one of the committed files.
    pub(super) fn read(json: &str) -> Self {
        serde_json::from_str(json).expect("a committed file, which a test reads")
    }

    /// Keccak-256 of the code with these immutable values, each a word, by number.
    pub(super) fn code_hash(&self, immutables: &[B256]) -> Hash {
        let mut code = self.deployed_bytecode.to_vec();
        for (number, places) in &self.immutable_references {
            let value = number.parse().ok().and_then(|number: usize| immutables.get(number));
            for place in places {
                let value = value.expect("a committed file, whose immutables a test counts");
                code[place.start..place.start + place.length].copy_from_slice(&value[..]);
            }
        }
        Hash(keccak256(&code).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_compiler_said() {
        let json = serde_json::json!({
            "bytecode": "0x00",
            "deployedBytecode": format!("0xaa{}bb", "00".repeat(32)),
            "immutableReferences": { "0": [{ "start": 1, "length": 32 }] },
        });
        let artifact = Artifact::read(&json.to_string());
        let expected = [&[0xaa][..], &[7; 32], &[0xbb]].concat();
        assert_eq!(artifact.code_hash(&[B256::repeat_byte(7)]), Hash(keccak256(expected).0));
    }
}
