//! The audit log: its heads go to the chain once a day, each row is proven by them, and what is done
//! to it behind the service's back is found.

mod daily;
mod proving;
mod tampering;
mod world;
