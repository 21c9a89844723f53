//! What PostgreSQL says, sorted by what a caller can do about it.

use store::StoreError;

/// Why a transaction was rolled back.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Our own rules, or the caller's mistake.
    Refused(StoreError),
    /// The database.
    Database(sqlx::Error),
    /// Another writer stored the same natural key first: the next try will find it.
    Overtaken(sqlx::Error),
    /// Another writer took the name of a request first: the next try will find it taken.
    Outrun,
}

/// serialization_failure and deadlock_detected: nothing was stored, and a repeat may succeed.
const TRANSIENT: [&str; 2] = ["40001", "40P01"];
/// undefined_table: there is no schema at all.
const UNDEFINED_TABLE: &str = "42P01";

fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(Into::into)
}

/// Whether the table asked for does not exist.
pub(crate) fn is_undefined_table(error: &sqlx::Error) -> bool {
    code(error).as_deref() == Some(UNDEFINED_TABLE)
}

impl Failure {
    /// A unique violation is no error where the key is looked up first: another writer was faster.
    pub(crate) fn unless_overtaken(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(database) if database.is_unique_violation() => Self::Overtaken(error),
            _ => Self::Database(error),
        }
    }

    /// SQLSTATE and constraint, for the log: the rest of an error may quote the row.
    pub(crate) fn cause(&self) -> (Option<String>, Option<&str>) {
        match self {
            Self::Refused(_) | Self::Outrun => (None, None),
            Self::Database(error) | Self::Overtaken(error) => {
                let constraint = error.as_database_error().and_then(|error| error.constraint());
                (code(error), constraint)
            }
        }
    }

    /// Whether a new transaction may fare better.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Overtaken(_) | Self::Outrun => true,
            Self::Database(error) => {
                code(error).is_some_and(|code| TRANSIENT.contains(&code.as_str()))
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Outrun => StoreError::KeyTaken,
            Failure::Database(error) | Failure::Overtaken(error) => sorted(&error),
        }
    }
}

fn sorted(error: &sqlx::Error) -> StoreError {
    use sqlx::error::ErrorKind as Kind;
    match error {
        sqlx::Error::Database(database) => match database.kind() {
            // messages name the constraint, never a value: those stand in the detail
            Kind::UniqueViolation | Kind::CheckViolation | Kind::NotNullViolation => {
                StoreError::Conflict(database.message().to_owned())
            }
            // the rows that refer to each other within a stream are checked before
            Kind::ForeignKeyViolation => StoreError::NotFound,
            _ => StoreError::Unavailable(database.message().to_owned()),
        },
        sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_) => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}
