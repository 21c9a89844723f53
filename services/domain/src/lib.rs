//! The service's words and rules: accounts, issuers, badges, batches, transactions, deadlines, fees, clock.
