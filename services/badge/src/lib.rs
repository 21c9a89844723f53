//! Any badge form to one digest, strictly. No I/O.
