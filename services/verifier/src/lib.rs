//! Badge, proof, trust file and chain facts to a report of named checks. Pure.
