//! What somebody with the database does to the log, and what the auditor says. All heads are final.

use std::sync::Arc;

use domain::Clock as _;
use proof::{AuditRow, Hash, commitment};
use store::{HeadRecord, LogRow};

use super::world::Logging;
use crate::support::Database;

/// Rows in the order of their places, and heads, as they were before.
struct Before {
    rows: Vec<LogRow>,
    heads: Vec<HeadRecord>,
    /// Salt of the last head's entry.
    salt: Hash,
}

/// What is done, from what was there; and the beginnings of findings, all of which must be told.
struct Harm {
    what: &'static str,
    statements: fn(&Before) -> String,
    found: fn(&Before) -> Vec<String>,
}

impl Before {
    fn last(&self) -> &HeadRecord {
        &self.heads[self.heads.len() - 1]
    }

    /// The row at a place with another subject.
    fn forged(&self, place: usize) -> AuditRow {
        AuditRow { subject: "issuer 99".to_owned(), ..self.rows[place].row.clone() }
    }

    fn number(&self, place: usize) -> u64 {
        self.rows[place].row.number
    }
}

/// Moves the rows from a place on, `by` may be negative; one place is taken by one row at any time.
fn shift(from: usize, by: i64) -> String {
    format!(
        "UPDATE audit_log SET leaf_index = leaf_index + 100000 WHERE leaf_index >= {from};
         UPDATE audit_log SET leaf_index = leaf_index - 100000 + {by} WHERE leaf_index >= 100000;"
    )
}

fn forge(before: &Before, place: usize) -> String {
    let row = before.forged(place);
    let (number, subject) = (row.number, &row.subject);
    format!("UPDATE audit_log SET subject = '{subject}' WHERE id = {number};")
}

/// A statement with bytes; both databases read the literal.
fn set_bytes(table: &str, column: &str, value: Hash, condition: &str) -> String {
    format!("UPDATE {table} SET {column} = {} WHERE {condition};", bytes(&value.0))
}

/// A literal of each dialect; see [`in_dialect`].
fn bytes(value: &[u8]) -> String {
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("[bytes:{hex}]")
}

/// The last head over the rows with a forged one at the last place.
fn forged_head(before: &Before) -> (AuditRow, proof::AuditHead) {
    let place = before.last().head.size as usize - 1;
    let row = before.forged(place);
    let mut leaves: Vec<Hash> = before.rows.iter().map(|row| row.row.leaf()).collect();
    leaves.truncate(place);
    leaves.push(row.leaf());
    let root = proof::root_of_leaves(&leaves).unwrap();
    (row, proof::AuditHead { root, ..before.last().head.clone() })
}

/// The row, its leaf, and the head's root, as if the service had made them so.
fn rewrite(before: &Before) -> String {
    let (row, head) = forged_head(before);
    let place = before.last().head.size as usize - 1;
    let mut statements = forge(before, place);
    statements += &set_bytes("audit_log", "leaf", row.leaf(), &format!("id = {}", row.number));
    statements +=
        &set_bytes("audit_head", "root", head.root, &format!("sequence = {}", head.sequence));
    statements
}

/// Then the entry among the badges.
fn rewrite_entry(before: &Before) -> String {
    let (_, head) = forged_head(before);
    let position = before.last().position;
    rewrite(before) + &set_bytes("badge", "digest", head.digest(), &format!("pos = {position}"))
}

/// Then its batch, of which it is the only leaf: everything that is in the database agrees.
fn rewrite_batch(before: &Before) -> String {
    let (_, head) = forged_head(before);
    let leaf = head.entry(before.salt).leaf();
    let batch = format!("first_pos = {}", before.last().position);
    let mut statements = rewrite_entry(before);
    let tile = format!("batch_id = (SELECT id FROM batch WHERE {batch})");
    statements += &set_bytes("tile", "hashes", leaf, &tile);
    statements += &set_bytes("batch", "root", leaf, &batch);
    statements += &set_bytes("batch", "commitment", commitment(1, leaf, Hash::ZERO), &batch);
    statements
}

const HARMS: [Harm; 18] = [
    Harm {
        what: "a deleted row",
        statements: |_| "DELETE FROM audit_log WHERE leaf_index = 2;".to_owned(),
        found: |before| {
            let next = before.number(3);
            vec![format!("audit log: the row at place 2 is missing, before row {next}")]
        },
    },
    Harm {
        what: "several deleted rows, the last ones that a head covers",
        statements: |before| {
            let size = before.last().head.size;
            format!(
                "DELETE FROM audit_log WHERE leaf_index >= {} AND leaf_index < {size};",
                size - 2
            )
        },
        found: |before| {
            let size = before.last().head.size;
            vec![format!("audit log: the rows at places {} to {} are missing", size - 2, size - 1)]
        },
    },
    Harm {
        what: "a changed row",
        statements: |before| forge(before, 2),
        found: |before| vec![format!("row {} of the audit log: it was changed", before.number(2))],
    },
    Harm {
        what: "a row changed together with its leaf",
        statements: |before| {
            let row = before.forged(2);
            let leaf = set_bytes("audit_log", "leaf", row.leaf(), &format!("id = {}", row.number));
            forge(before, 2) + &leaf
        },
        found: |before| {
            let (end, row) = (before.heads[0].head.size - 1, before.number(0));
            vec![format!(
                "audit log: places 0 to {end} lead to another root than head 1: a row was changed, \
                 put in, taken out or moved, the first of them at row {row} or after it"
            )]
        },
    },
    Harm {
        what: "a changed time in the rows of the second head, with its leaf",
        statements: |before| {
            let place = before.heads[0].head.size as usize;
            let mut row = before.rows[place].row.clone();
            row.at = row.at.plus_millis(-1);
            let number = row.number;
            let at = row.at.millis();
            format!("UPDATE audit_log SET at = {at} WHERE id = {number};")
                + &set_bytes("audit_log", "leaf", row.leaf(), &format!("id = {number}"))
        },
        found: |before| {
            let (first, end) = (before.heads[0].head.size, before.heads[1].head.size - 1);
            vec![format!("audit log: places {first} to {end} lead to another root than head 2")]
        },
    },
    Harm {
        what: "a row put in between",
        statements: |before| {
            let row = AuditRow { number: 5_000, ..before.forged(1) };
            let (at, leaf) = (row.at.millis(), bytes(&row.leaf().0));
            shift(2, 1)
                + &format!(
                    "INSERT INTO audit_log (id, at, actor, action, subject, leaf_index, leaf)
                     {OVERRIDING} VALUES (5000, {at}, '{}', '{}', '{}', 2, {leaf});",
                    row.actor, row.action, row.subject
                )
        },
        found: |_| vec!["audit log: places 0 to".to_owned()],
    },
    Harm {
        what: "two rows moved",
        statements: |_| {
            "UPDATE audit_log SET leaf_index = 100000 WHERE leaf_index = 1;
             UPDATE audit_log SET leaf_index = 1 WHERE leaf_index = 2;
             UPDATE audit_log SET leaf_index = 2 WHERE leaf_index = 100000;"
                .to_owned()
        },
        found: |_| vec!["audit log: places 0 to".to_owned()],
    },
    Harm {
        what: "a deleted row, and those after it moved up",
        statements: |_| "DELETE FROM audit_log WHERE leaf_index = 2;".to_owned() + &shift(3, -1),
        found: |before| {
            let end = before.heads[0].head.size - 1;
            vec![format!("audit log: places 0 to {end} lead to another root than head 1")]
        },
    },
    Harm {
        what: "the newest head deleted",
        statements: |_| "DELETE FROM audit_head WHERE sequence = 3;".to_owned(),
        found: |before| {
            let position = before.last().position;
            vec![format!("badge {position}: the head of the audit log that it anchors is missing")]
        },
    },
    Harm {
        what: "a head deleted",
        statements: |_| "DELETE FROM audit_head WHERE sequence = 2;".to_owned(),
        found: |_| vec!["head 2 of the audit log: it is missing before head 3".to_owned()],
    },
    Harm {
        what: "the entry of a head deleted",
        statements: |before| {
            format!("{FREE_ENTRIES} DELETE FROM badge WHERE pos = {};", before.last().position)
        },
        found: |before| {
            let position = before.last().position;
            vec![
                format!("head 3 of the audit log: its entry, badge {position}, is missing"),
                format!("badge {position}: its row is missing"),
            ]
        },
    },
    Harm {
        what: "the newest head turned into an erased badge",
        statements: |before| {
            let position = before.last().position;
            format!(
                "{FREE_ENTRIES} DELETE FROM audit_head WHERE sequence = 3;
                 DELETE FROM badge WHERE pos = {position};
                 INSERT INTO erasure (pos, erased_at) VALUES ({position}, 1);"
            )
        },
        found: |_| vec!["database: 2 badges are erased, the audit log tells of 1".to_owned()],
    },
    Harm {
        what: "a head's root changed",
        statements: |_| {
            "UPDATE audit_head SET root = (SELECT leaf FROM audit_log WHERE leaf_index = 0)
             WHERE sequence = 1;"
                .to_owned()
        },
        found: |_| {
            vec![
                "head 1 of the audit log: it is not what its entry".to_owned(),
                "head 2 of the audit log: the head that it names as the one before it is another"
                    .to_owned(),
            ]
        },
    },
    Harm {
        what: "a head rewritten with its rows",
        statements: rewrite,
        found: |before| {
            let position = before.last().position;
            vec![format!(
                "head 3 of the audit log: it is not what its entry, badge {position}, was made of"
            )]
        },
    },
    Harm {
        what: "a head rewritten with its rows and its entry",
        statements: rewrite_entry,
        found: |before| vec![format!("badge {}: leaf 0: the row of badge", before.last().position)],
    },
    Harm {
        what: "a head rewritten with its rows, its entry, tile, root and commitment",
        statements: rewrite_batch,
        found: |before| {
            let (_, head) = forged_head(before);
            let forged = commitment(1, head.entry(before.salt).leaf(), Hash::ZERO);
            vec![format!("it is final here, but {forged} is not anchored")]
        },
    },
    Harm {
        what: "a version of the trust file changed",
        statements: |_| {
            "UPDATE trust_version SET document = replace(document, 'ingam.example', 'evil.example');"
                .to_owned()
        },
        found: |_| vec!["trust file, version 1: it is missing or not what row".to_owned()],
    },
    Harm {
        what: "a version of the trust file put in",
        statements: |_| {
            "INSERT INTO trust_version (version, published_at, document)
             SELECT 2, published_at, document FROM trust_version;"
                .to_owned()
        },
        found: |_| {
            vec![
                "trust file, version 2: no row of the audit log tells of its publication"
                    .to_owned(),
            ]
        },
    },
];

/// Lets a row be inserted with its id; see [`in_dialect`].
const OVERRIDING: &str = "[overriding]";
/// Lets the entry of a head be deleted; see [`in_dialect`].
const FREE_ENTRIES: &str = "[free entries]";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// Replaces what the dialects write differently.
fn in_dialect(statements: &str, dialect: Dialect) -> String {
    let (overriding, free, open, close) = match dialect {
        Dialect::Sqlite => ("", "PRAGMA foreign_keys = OFF;", "x'", "'"),
        Dialect::Postgres => (
            "OVERRIDING SYSTEM VALUE",
            "ALTER TABLE audit_head DROP CONSTRAINT audit_head_pos_fkey;",
            "'\\x",
            "'::bytea",
        ),
    };
    statements
        .replace(OVERRIDING, overriding)
        .replace(FREE_ENTRIES, free)
        .replace("[bytes:", open)
        .replace(']', close)
}

/// Three heads, of which each is final, with an erasure and a trust file among the rows; then a
/// row that waits.
async fn sealed(database: &Database) -> (Logging, Before) {
    let mut world = Logging::on(database.open().await.unwrap()).await;
    world.publish_trust().await;
    world.act().await;
    world.erase_one().await;
    for _ in 0..3 {
        world.act().await;
        world.act().await;
        world.head().await;
        world.until_final().await;
    }
    world.act().await;
    world.service.assert_kept().await;
    let store = &world.service.store;
    let heads = store.heads(0, 10).await.unwrap();
    let salt = world.service.record(heads[2].position).await.salt;
    let before = Before { rows: store.placed_log(0, 1000).await.unwrap(), heads, salt };
    assert_eq!(before.rows.len() as u64, before.last().head.size);
    (world, before)
}

async fn each_harm_is_found(dialect: Dialect) {
    for harm in HARMS {
        let database = match dialect {
            Dialect::Sqlite => Database::sqlite().await,
            Dialect::Postgres => Database::postgres().await,
        };
        let (mut world, before) = sealed(&database).await;
        world.service.store.close().await;
        let statements = in_dialect(&(harm.statements)(&before), dialect);
        database.execute(Box::leak(statements.into_boxed_str())).await;
        world.service.store = database.open().await.unwrap();
        let store = Arc::clone(&world.service.store);
        let chain = world.service.chain.as_ref();
        let now = world.service.clock.now();
        let audit = worker::audit::audit(store.as_ref(), Some(chain), now).await.unwrap();
        for expected in (harm.found)(&before) {
            let told = audit.findings.iter().any(|finding| finding.to_string().contains(&expected));
            assert!(told, "{}: {expected}\nis not told: {:#?}", harm.what, audit.findings);
        }
        store.close().await;
        database.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_harm_is_found_sqlite() {
    each_harm_is_found(Dialect::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
async fn each_harm_is_found_postgres() {
    each_harm_is_found(Dialect::Postgres).await;
}
