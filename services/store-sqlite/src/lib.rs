//! Store on embedded SQLite.
