//! Fees that no chain ever asked for are not believed.

use domain::{AbsurdFee, FeePolicy, FeeQuote};

/// The alarm, raised as it begins and not with every answer.
#[derive(Debug, Default)]
pub(crate) struct AbsurdFees {
    raised: Option<&'static str>,
}

impl AbsurdFees {
    /// The quote as far as it is believed.
    pub(crate) fn believed(&mut self, policy: &FeePolicy, quote: FeeQuote) -> FeeQuote {
        let (believed, absurd) = policy.believed(quote);
        let name = absurd.map(AbsurdFee::name);
        if name != self.raised
            && let Some(what) = name
        {
            metrics::counter!("ingam_absurd_fees_total", "what" => what).increment(1);
            tracing::error!(
                what,
                base_fee = quote.base_fee,
                priority_fee = quote.priority_fee,
                "a node asks for an absurd fee; it is clamped"
            );
        }
        self.raised = name;
        believed
    }
}
