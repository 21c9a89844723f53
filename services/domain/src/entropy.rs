//! Where randomness comes from.

use std::sync::atomic::{AtomicU64, Ordering};

use proof::Hash;

/// Unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// 32 bytes that nobody can predict; for tests, that a seed determines.
    fn bytes32(&self) -> [u8; 32];

    /// A salt for a leaf.
    fn salt(&self) -> Hash {
        Hash(self.bytes32())
    }
}

/// The operating system's generator: the one place that asks it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bytes32(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "this is the provider of randomness")]
        getrandom::fill(&mut bytes).expect("a system without randomness cannot make any promise");
        bytes
    }
}

/// For tests: SHA-256 of seed and counter.
#[derive(Debug, Default)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// The sequence of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn bytes32(&self) -> [u8; 32] {
        let drawn = self.drawn.fetch_add(1, Ordering::SeqCst);
        Hash::of(&[&self.seed.to_be_bytes(), &drawn.to_be_bytes()]).0
    }
}
