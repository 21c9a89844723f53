//! What an operator does to a running service: restores its database, replaces its key, lives through
//! a chain that takes back what was final.

mod backups;
mod connection;
mod finality;
mod foreign_nonces;
mod funds;
mod rotation;
