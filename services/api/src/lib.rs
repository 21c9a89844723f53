//! The REST service.
