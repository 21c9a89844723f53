//! How large a mint batch may become before its gas is known.

use domain::MAX_MINT_BATCH;

/// What a mint is expected to cost, in gas: `base + per_token × tokens`. It sizes batches and bounds
/// nothing: what a mint really needs is estimated before it is signed, and a batch that needs too
/// much is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasPerMint {
    /// Of the transaction, the anchoring and the batch's first slots.
    pub base: u64,
    /// Of each token, with its `Transfer` and `Locked`.
    pub per_token: u64,
}

impl GasPerMint {
    /// `BadgeToken` with `Locked`, from the table in `contracts/README.md` (Osaka/Bpo1), rounded up.
    pub const OWNERS_AS_CODE: Self = Self { base: 122_500, per_token: 7_360 };
    /// `BadgeTokenStorage` with `Locked`, likewise.
    pub const OWNERS_IN_STORAGE: Self = Self { base: 124_000, per_token: 17_240 };

    /// Of a mint of so many tokens.
    #[must_use]
    pub const fn of(self, tokens: u64) -> u64 {
        self.base.saturating_add(self.per_token.saturating_mul(tokens))
    }

    /// The largest batch of which a transaction with this gas cap can carry the expected gas and a
    /// quarter more, which is the margin of an estimate: 1 to [`MAX_MINT_BATCH`].
    #[must_use]
    pub fn most_tokens(self, gas_cap: u64) -> u64 {
        let without_margin = gas_cap / 5 * 4;
        let for_tokens = without_margin.saturating_sub(self.base);
        for_tokens.checked_div(self.per_token).unwrap_or(u64::MAX).clamp(1, MAX_MINT_BATCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAP: u64 = 1 << 24;

    #[test]
    fn what_was_measured_lies_just_below() {
        let code =
            [(1, 129_747), (10, 195_920), (100, 857_200), (400, 3_061_600), (1_024, 7_648_256)];
        let storage = [(1, 131_263), (10, 294_390), (100, 1_836_600), (400, 7_006_800)];
        for (expected, measured) in
            [(GasPerMint::OWNERS_AS_CODE, &code[..]), (GasPerMint::OWNERS_IN_STORAGE, &storage)]
        {
            for (tokens, gas) in measured {
                let above = expected.of(*tokens) as f64 / f64::from(*gas);
                assert!((1.0..1.08).contains(&above), "{tokens}: {above}");
            }
        }
    }

    #[test]
    fn a_batch_fits_its_transaction() {
        assert_eq!(GasPerMint::OWNERS_AS_CODE.most_tokens(CAP), MAX_MINT_BATCH);
        assert_eq!(GasPerMint::OWNERS_AS_CODE.most_tokens(2_000_000), 200);
        assert_eq!(GasPerMint::OWNERS_IN_STORAGE.most_tokens(CAP), 771);
        // as computed for Amsterdam (EIP-8037)
        assert_eq!(GasPerMint { base: 300_000, per_token: 35_000 }.most_tokens(CAP), 374);
        assert_eq!(GasPerMint::OWNERS_AS_CODE.most_tokens(0), 1);
        assert_eq!(GasPerMint { base: 1, per_token: 0 }.most_tokens(CAP), MAX_MINT_BATCH);
    }

    proptest! {
        #[test]
        fn one_more_would_not_fit(base: u64, per_token in 1_u64.., gas_cap: u64) {
            let gas = GasPerMint { base, per_token };
            let with_margin = |tokens| u128::from(gas.of(tokens)) * 5 / 4;
            let most = gas.most_tokens(gas_cap);
            prop_assert!((1..=MAX_MINT_BATCH).contains(&most));
            if most > 1 {
                prop_assert!(with_margin(most) <= u128::from(gas_cap));
            }
            if most < MAX_MINT_BATCH {
                prop_assert!(with_margin(most + 1) > u128::from(gas_cap.saturating_sub(5)));
            }
        }
    }
}
