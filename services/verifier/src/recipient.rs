//! The check `recipient`: is the badge this person's?

use badge::RecipientMatch;

use crate::badge_checks::Reading;
use crate::finding::{Finding, Weight};
use crate::report::CheckName;
use crate::verify::Presented;

/// Whoever asks needs the answer: anything but a match is not plain verified. What was entered is
/// in no sentence, since reports are kept and logged.
pub(crate) fn check(presented: Presented<'_>, read: &Reading, entered: Option<&str>) -> Finding {
    let name = CheckName::Recipient;
    let unknown = |why: &str| Finding::not_checked(name, Weight::Unknown, why);
    let Some(entered) = entered else {
        return Finding::not_checked(name, Weight::None, "nobody asked whose the badge is");
    };
    let (Presented::Bytes(bytes), Reading::Badge(_)) = (presented, read) else {
        return unknown("there is no badge to ask for its recipient");
    };
    match badge::recipient_match(bytes, entered) {
        Ok(RecipientMatch::Match) => {
            Finding::passed(name, "the badge was given to the person who was entered")
        }
        Ok(RecipientMatch::Other) => {
            let why = "the badge was given to somebody else than the person who was entered";
            Finding::failed(name, Weight::Wrong, why)
        }
        Ok(RecipientMatch::OtherHash) => unknown(
            "the badge names its recipient by a hash that is not compared here, such as MD5",
        ),
        Ok(RecipientMatch::NotComparable) | Err(_) => {
            unknown("the badge names no recipient of the kind that was entered")
        }
    }
}
