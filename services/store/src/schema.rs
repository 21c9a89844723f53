//! Whether a database has this program's schema.

use crate::StoreError;

/// A migration by number and checksum of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number.
    pub version: i64,
    /// Of its text.
    pub checksum: Vec<u8>,
}

/// Compares the migrations applied to a database with those of this program.
///
/// # Errors
/// `Schema`, saying what to do, unless they are the same.
pub fn check(applied: &[Migration], known: &[Migration]) -> Result<(), StoreError> {
    let schema = |why: String| Err(StoreError::Schema(why));
    if applied.is_empty() {
        return schema("the database has no schema; run `ingam migrate`".to_owned());
    }
    for migration in applied {
        let version = migration.version;
        match known.iter().find(|it| it.version == version) {
            None => {
                return schema(format!(
                    "migration {version} of the database is unknown to this program; use the newer one"
                ));
            }
            Some(own) if own.checksum != migration.checksum => {
                return schema(format!(
                    "migration {version} was applied with another text; use the program that made this database"
                ));
            }
            Some(_) => {}
        }
    }
    let missing = known.iter().find(|own| applied.iter().all(|it| it.version != own.version));
    match missing {
        Some(own) => schema(format!("migration {} is missing; run `ingam migrate`", own.version)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_migrations_pass() {
        let at = |version, byte| Migration { version, checksum: vec![byte] };
        let says = |applied: &[Migration]| match check(applied, &[at(1, 1), at(2, 2)]) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(says(&[at(1, 1), at(2, 2)]), "");
        assert!(says(&[]).contains("run `ingam migrate`"));
        assert!(says(&[at(1, 1)]).contains("migration 2 is missing"));
        assert!(says(&[at(1, 1), at(2, 2), at(3, 3)]).contains("migration 3 of the database"));
        assert!(says(&[at(1, 1), at(2, 9)]).contains("another text"));
    }
}
