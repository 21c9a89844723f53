//! The Store trait, the group-committing intake queue and the SQL that both back ends share.
