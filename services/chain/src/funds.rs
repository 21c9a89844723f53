//! Whether a signer can pay.

use domain::FeeQuote;

const GWEI: u128 = 1_000_000_000;

/// Wei for a call of this gas limit at what the chain asks for now, without reserve.
///
/// It tells an empty account from one that can pay; what is offered in the end is the fee policy's,
/// and the nodes refuse what is not covered. So a spike of the base fee is not doubled, and of the
/// tip, which a node may suggest as it likes, no more counts than the base fee or 2 gwei, whichever
/// is larger: neither may block an account that has enough.
pub(crate) fn needed(gas_limit: u64, quote: FeeQuote) -> u128 {
    let FeeQuote { base_fee, priority_fee } = quote;
    let price = base_fee.saturating_add(priority_fee.min(base_fee.max(2 * GWEI)));
    u128::from(gas_limit).saturating_mul(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_tip_counts_as_a_usual_one() {
        for (base_fee, priority_fee, price) in [
            (10 * GWEI, GWEI, 11 * GWEI),
            (10 * GWEI, 500 * GWEI, 20 * GWEI),
            (7, GWEI, GWEI + 7),
            (7, u128::MAX, 2 * GWEI + 7),
            (u128::MAX, u128::MAX, u128::MAX),
        ] {
            let needed = needed(3, FeeQuote { base_fee, priority_fee });
            assert_eq!(needed, price.saturating_mul(3), "{base_fee} {priority_fee}");
        }
    }
}
