//! What the presented badge says: its digest and its expiry.

use badge::{Badge, Code, Refusal};
use proof::{Hash, ProofDocument, Rule, Timestamp};

use crate::finding::{Finding, Weight};
use crate::report::CheckName;
use crate::verify::Presented;

/// The presented badge as the document's rule reads it.
#[derive(Debug)]
pub(crate) enum Reading {
    /// A badge with words of its own.
    Badge(Box<Badge>),
    /// A digest without such words.
    Digest(Hash),
    /// The bytes have no digest by the rule.
    Refused(Refusal),
    /// Nothing was shown, or this program cannot apply the rule to bytes.
    Unread(String),
}

pub(crate) fn read(presented: Presented<'_>, rule: Rule) -> Reading {
    match (presented, rule) {
        (Presented::Nothing, _) => Reading::Unread("no badge was presented".to_owned()),
        (Presented::Digest(digest), _) => Reading::Digest(digest),
        (Presented::Bytes(bytes), Rule::JcsSha256V1) => match badge::read(bytes) {
            Ok(badge) => Reading::Badge(Box::new(badge)),
            // an issuer may declare the digest of a JSON document that is no known badge
            Err(refusal) if refusal.code == Code::NotABadge => {
                badge::read_json_value_digest(bytes).map_or_else(Reading::Refused, Reading::Digest)
            }
            Err(refusal) => Reading::Refused(refusal),
        },
        (Presented::Bytes(bytes), Rule::FileSha256) => Reading::Digest(Hash::of(&[bytes])),
        (Presented::Bytes(_), Rule::Opaque | Rule::RdfcSha256V1 | Rule::AuditHead) => {
            Reading::Unread(format!("a digest by the rule {rule} cannot be recomputed here"))
        }
    }
}

pub(crate) fn digest(read: &Reading, document: &ProofDocument) -> Finding {
    let name = CheckName::Digest;
    let (rule, stated) = (document.badge.rule, document.badge.digest);
    let found = match read {
        Reading::Badge(badge) => badge.digest,
        Reading::Digest(digest) => *digest,
        Reading::Refused(refusal) => {
            return Finding::failed(
                name,
                Weight::Wrong,
                format!("the badge is refused: {refusal}"),
            );
        }
        Reading::Unread(why) => return Finding::not_checked(name, Weight::Unknown, why.clone()),
    };
    if found == stated {
        Finding::passed(name, format!("the badge's digest by {rule} is {found}"))
    } else {
        let detail = format!("the badge's digest by {rule} is {found}, the proof is for {stated}");
        Finding::failed(name, Weight::Wrong, detail)
    }
}

pub(crate) fn not_expired(read: &Reading, now: Timestamp) -> Finding {
    let name = CheckName::NotExpired;
    let not_checked = |why: &str| Finding::not_checked(name, Weight::None, why);
    let Reading::Badge(badge) = read else {
        return not_checked("there is no badge to ask for its end");
    };
    let Some(text) = &badge.valid_until else {
        return Finding::passed(name, "the badge names no end");
    };
    match end_of(text) {
        None => not_checked("the badge's end is in no form that is known"),
        Some(end) if end <= now => {
            Finding::failed(name, Weight::Expired, format!("the badge ended at {text}"))
        }
        Some(_) => Finding::passed(name, format!("the badge holds until {text}")),
    }
}

/// A day that is over everywhere on Earth, from its beginning at UTC.
const DAY_EVERYWHERE_MS: i64 = 36 * 3_600_000;

/// RFC 3339; a date alone, whose whole day counts; or, as Open Badges 1.0, seconds.
fn end_of(text: &str) -> Option<Timestamp> {
    if let Ok(time) = Timestamp::parse_rfc3339(text) {
        return Some(time);
    }
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Timestamp::from_block_seconds(seconds));
    }
    let day = Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")).ok()?;
    Some(day.plus_millis(DAY_EVERYWHERE_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ends_that_badges_have() {
        for (text, end) in [
            ("2026-03-01T18:30:00+09:00", Some("2026-03-01T09:30:00.000Z")),
            ("2026-03-01", Some("2026-03-02T12:00:00.000Z")),
            ("1772357400", Some("2026-03-01T09:30:00.000Z")),
            ("next spring", None),
            ("2026-03-01T18:30:00", None),
        ] {
            assert_eq!(end_of(text).map(|end| end.to_string()).as_deref(), end, "{text}");
        }
    }
}
