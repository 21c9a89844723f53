//! The audit log itself: rows lead to the roots of its heads, heads to each other and to their
//! entries among the badges, whose leaves are compared with tiles and chain like all others.

use std::collections::{HashMap, HashSet, VecDeque};

use domain::{IssuerId, Position, Stream, StreamId};
use proof::{AuditHead, Frontier, Rule, Timestamp, TrustFile};
use store::{HeadRecord, LogRow, Store, TrustVersion};

use super::{Audit, PAGE, Subject};
use crate::StepError;
use crate::log_sealing::waiting;

/// Rows wait for a head a day; twice as long is a failure, in milliseconds.
const OVERDUE_MS: i64 = 48 * 60 * 60 * 1000;

pub(super) async fn check(
    store: &dyn Store,
    streams: &HashMap<StreamId, Stream>,
    now: Timestamp,
    audit: &mut Audit,
) -> Result<(), StepError> {
    // read first: what is written while this runs is then no contradiction
    let erased = store.counts().await?.erased;
    let mut entries = entries(store).await?;
    let mut rows = Rows::new(store);
    rows.unplaced(audit).await?;
    let mut heads = Heads { store, streams, entries: &mut entries, last: None };
    let mut suspect: Option<Suspect> = None;
    let mut after = 0;
    loop {
        let page = store.heads(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.head.sequence;
        for record in page {
            let span = rows.up_to(record.head.size, audit).await?;
            let as_made = heads.check(&record, audit).await?;
            let agrees = rows.tree.root() == Some(record.head.root);
            if rows.is_broken || !as_made {
                continue;
            }
            match (&suspect, agrees) {
                (None, true) | (Some(_), false) => {}
                (None, false) => suspect = Some(Suspect { head: record.head.clone(), span }),
                // the rows that it covers are as the later head has them
                (Some(earlier), true) => {
                    let detail = format!(
                        "its root is not that of the rows, which head {} has",
                        record.head.sequence
                    );
                    audit.find(Subject::Head(earlier.head.sequence), detail);
                    suspect = None;
                }
            }
        }
    }
    if let Some(suspect) = suspect {
        suspect.tell(&rows, audit);
    }
    rows.up_to_last(audit).await?;
    for position in entries {
        let detail = "the head of the audit log that it anchors is missing";
        audit.find(Subject::Badge(position), detail);
    }
    check_trust(store, &rows, audit).await?;
    check_rest(store, &rows, erased, now, audit).await
}

/// A head to whose root the rows do not lead, and the rows since the one before it.
struct Suspect {
    head: AuditHead,
    span: Span,
}

/// Places, and the first row's number.
struct Span {
    first: u64,
    end: u64,
    number: Option<u64>,
}

impl Suspect {
    /// A row that differs from its own leaf was named; if none was, its leaf was changed too.
    fn tell(&self, rows: &Rows<'_>, audit: &mut Audit) {
        if rows.altered.is_some_and(|place| place < self.span.end) {
            return;
        }
        let Span { first, end, number } = self.span;
        let detail = format!(
            "places {first} to {} lead to another root than head {}: a row was changed, put in, \
             taken out or moved, the first of them at row {} or after it",
            end.saturating_sub(1),
            self.head.sequence,
            number.unwrap_or_default(),
        );
        audit.find(Subject::AuditLog, detail);
    }
}

/// The rows by place, each held to its own leaf.
struct Rows<'a> {
    store: &'a dyn Store,
    page: VecDeque<LogRow>,
    /// Place of the next row.
    next: u64,
    /// Of the leaves that the rows have now.
    tree: Frontier,
    /// A row is missing: no root can be told any more.
    is_broken: bool,
    /// The first place with a row that is not what its leaf was made of.
    altered: Option<u64>,
    erasures: u64,
    /// Numbers of rows that had no place when this began; some may get one meanwhile.
    unplaced: HashSet<u64>,
    /// Versions of the trust file that were published.
    trusted: HashSet<i64>,
}

impl<'a> Rows<'a> {
    fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            page: VecDeque::new(),
            next: 0,
            tree: Frontier::default(),
            is_broken: false,
            altered: None,
            erasures: 0,
            unplaced: HashSet::new(),
            trusted: HashSet::new(),
        }
    }

    async fn peek(&mut self) -> Result<Option<&LogRow>, StepError> {
        if self.page.is_empty() {
            self.page = self.store.placed_log(self.next, PAGE).await?.into();
        }
        Ok(self.page.front())
    }

    /// Takes the rows below a place.
    async fn up_to(&mut self, size: u64, audit: &mut Audit) -> Result<Span, StepError> {
        let first = self.next;
        let mut number = None;
        while self.next < size {
            let next = self.peek().await?.map(|row| row.row.number);
            number = number.or(next);
            if next.is_none() {
                self.missing(size, None, audit);
                break;
            }
            self.take(audit).await?;
        }
        Ok(Span { first, end: size, number })
    }

    /// Takes the row at hand.
    async fn take(&mut self, audit: &mut Audit) -> Result<(), StepError> {
        let Some(LogRow { row, place: Some((index, leaf)) }) = self.page.pop_front() else {
            return Ok(());
        };
        if index > self.next {
            self.missing(index, Some(row.number), audit);
        }
        self.next = index + 1;
        let found = row.leaf();
        if found != leaf {
            let detail =
                format!("it was changed: at place {index} there was {leaf}, it gives {found}");
            audit.find(Subject::LogRow(row.number), detail);
            self.altered = self.altered.or(Some(index));
        }
        self.tree.push(found)?;
        if self.unplaced.contains(&row.number) {
            return Ok(());
        }
        audit.log_rows += 1;
        self.count(&row.action, &row.subject, row.number, audit).await
    }

    fn missing(&mut self, end: u64, before: Option<u64>, audit: &mut Audit) {
        let which = match end - self.next {
            1 => format!("the row at place {} is missing", self.next),
            _ => format!("the rows at places {} to {} are missing", self.next, end - 1),
        };
        let before = before.map(|row| format!(", before row {row}")).unwrap_or_default();
        audit.find(Subject::AuditLog, which + &before);
        self.is_broken = true;
        self.next = end;
    }

    /// What is known of an act from elsewhere.
    async fn count(
        &mut self,
        action: &str,
        subject: &str,
        number: u64,
        audit: &mut Audit,
    ) -> Result<(), StepError> {
        self.erasures += u64::from(action == "badge.erase");
        if action != TrustVersion::PUBLISHED {
            return Ok(());
        }
        // rows from before digests were noted have none
        let Some((version, digest)) = TrustVersion::read_subject(subject) else { return Ok(()) };
        self.trusted.insert(version);
        let stored = self.store.trust_version(version).await?;
        let stored = stored.and_then(|it| TrustFile::parse(it.document.as_bytes()).ok());
        if stored.is_none_or(|file| file.digest() != digest) {
            let detail = format!("it is missing or not what row {number} of the audit log names");
            audit.find(Subject::Trust(version), detail);
        }
        Ok(())
    }

    /// Rows without a place, in the order of their numbers.
    async fn unplaced(&mut self, audit: &mut Audit) -> Result<(), StepError> {
        let mut after = 0;
        loop {
            let page = self.store.unplaced_log(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.row.number;
            for LogRow { row, .. } in page {
                audit.log_rows += 1;
                self.unplaced.insert(row.number);
                self.count(&row.action, &row.subject, row.number, audit).await?;
            }
        }
    }

    /// Takes what has a place and is covered by no head, and looks at the edge of the tree.
    async fn up_to_last(&mut self, audit: &mut Audit) -> Result<(), StepError> {
        let edge = self.store.log_tree().await?;
        self.up_to(edge.size(), audit).await?;
        if !self.is_broken && self.altered.is_none() && edge != self.tree {
            let detail = "the edge at which rows get places is not that of the rows";
            audit.find(Subject::AuditLog, detail);
        }
        while self.peek().await?.is_some() {
            self.take(audit).await?;
        }
        Ok(())
    }
}

/// Heads in their order.
struct Heads<'a> {
    store: &'a dyn Store,
    streams: &'a HashMap<StreamId, Stream>,
    /// Of heads among the badges, those whose head was not seen yet.
    entries: &'a mut HashSet<Position>,
    last: Option<AuditHead>,
}

impl Heads<'_> {
    /// Whether the head is the one that has its entry among the badges.
    async fn check(&mut self, record: &HeadRecord, audit: &mut Audit) -> Result<bool, StepError> {
        let HeadRecord { head, position } = record;
        let subject = Subject::Head(head.sequence);
        audit.heads += 1;
        self.entries.remove(position);
        self.check_chain(head, audit);
        if self.streams.get(&position.stream()).is_none_or(|it| it.service != head.service) {
            audit.find(subject, "it is of another service than its entry");
        }
        let digest = head.digest();
        let entry = self.store.badge(*position).await?;
        let as_made = match entry {
            None => {
                audit.find(subject, format!("its entry, badge {position}, is missing"));
                false
            }
            Some(entry)
                if (entry.rule, entry.issuer, entry.digest)
                    != (Rule::AuditHead, IssuerId::SERVICE, digest) =>
            {
                let detail = format!("it is not what its entry, badge {position}, was made of");
                audit.find(subject, detail);
                false
            }
            Some(_) => true,
        };
        self.last = Some(head.clone());
        Ok(as_made)
    }

    /// Heads are numbered, grow, and name each other.
    fn check_chain(&self, head: &AuditHead, audit: &mut Audit) {
        let subject = Subject::Head(head.sequence);
        let (sequence, size) = self.last.as_ref().map_or((0, 0), |it| (it.sequence, it.size));
        if head.sequence != sequence + 1 {
            let missing = format!("it is missing before head {}", head.sequence);
            audit.find(Subject::Head(sequence + 1), missing);
        } else if head.previous != self.last.as_ref().map(AuditHead::digest) {
            audit.find(subject, "the head that it names as the one before it is another");
        }
        if head.size <= size {
            audit.find(subject, format!("it covers {} rows, the one before {size}", head.size));
        }
    }
}

/// Entries of heads among the badges; one a day.
async fn entries(store: &dyn Store) -> Result<HashSet<Position>, StepError> {
    let mut entries = HashSet::new();
    let mut after = None;
    loop {
        let page = store.head_entries(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(entries) };
        after = Some(*last);
        entries.extend(page);
    }
}

/// Each version of the trust file since digests are noted was published.
async fn check_trust(
    store: &dyn Store,
    rows: &Rows<'_>,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let Some(mut version) = rows.trusted.iter().min().copied() else { return Ok(()) };
    while let Some(stored) = store.trust_version(version).await? {
        if !rows.trusted.contains(&version) && !is_told(store, &stored).await? {
            audit.find(Subject::Trust(version), "no row of the audit log tells of its publication");
        }
        version += 1;
    }
    Ok(())
}

/// Whether a row tells of this version that was written since the rows were read.
async fn is_told(store: &dyn Store, stored: &TrustVersion) -> Result<bool, StepError> {
    let Ok(file) = TrustFile::parse(stored.document.as_bytes()) else { return Ok(false) };
    let subject = TrustVersion::log_subject(stored.version, file.digest());
    Ok(store.log_row_of(TrustVersion::PUBLISHED, &subject).await?.is_some())
}

/// Erasures are told of, and rows do not wait for ever.
async fn check_rest(
    store: &dyn Store,
    rows: &Rows<'_>,
    erased_before: u64,
    now: Timestamp,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let erased = store.counts().await?.erased;
    if !(erased_before..=erased).contains(&rows.erasures) && !rows.is_broken {
        let detail =
            format!("{erased} badges are erased, the audit log tells of {}", rows.erasures);
        audit.find(Subject::Database, detail);
    }
    let last = store.last_head().await?;
    let covered = last.as_ref().map_or(0, |last| last.head.size);
    let uncovered = store.waiting_log(covered, None).await?;
    audit.log_rows_waiting = uncovered.rows;
    audit.last_head = last.as_ref().map(|last| last.head.digest());
    if uncovered.rows > 0 {
        let detail = format!("{} rows are not yet anchored", uncovered.rows);
        audit.note(Subject::AuditLog, detail);
    }
    let waiting = waiting(store, last.as_ref()).await?;
    let Some(since) = waiting.since else { return Ok(()) };
    // after days off a head is made at once, and before it no row could have had one
    let since = last.map_or(since, |last| since.max(last.head.made_at));
    if now.since(since) > OVERDUE_MS {
        let detail = format!("{} rows wait for a head since {since}", waiting.rows);
        audit.find(Subject::AuditLog, detail);
    }
    Ok(())
}
