//! Requests that a client gave a name (`Idempotency-Key`): what such a request did is stored with its
//! name, in the same transaction. There is no reservation before, which a crash could leave behind.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use domain::{
    Acceptance, Accepted, AccountId, MintRequest, Position, Revocation, StreamId, Submission,
};
use proof::{Hash, Timestamp};

use crate::{MintAnswer, RevocationRequest, StoreError};

/// A request's name, unique within its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey {
    /// Whose.
    pub account: AccountId,
    /// A hash of the name that the client gave.
    pub hash: Hash,
}

/// A request that wants to keep what it does under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The name.
    pub key: RequestKey,
    /// A hash of the name and of all that the request says; without the name it tells nothing.
    pub fingerprint: Hash,
    /// When the request came. A name that ended by then is free.
    pub at: Timestamp,
    /// Until when the name is kept.
    pub expires_at: Timestamp,
}

/// What a request did, as far as its answer cannot be made of the request and the badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A submission was accepted.
    Submission {
        /// The badge.
        badge: Position,
        /// Whether it was there before.
        acceptance: Acceptance,
    },
    /// A token was asked for.
    Mint {
        /// The badge.
        badge: Position,
        /// The request's place in the stream of its collection.
        token: Position,
        /// When the token was first asked for.
        requested_at: Timestamp,
        /// Whether this very token had been asked for before.
        acceptance: Acceptance,
    },
    /// A revocation was asked for.
    Revocation {
        /// The badge.
        badge: Position,
        /// When it was first asked for.
        requested_at: Timestamp,
        /// When it had been final, if it was.
        final_at: Option<Timestamp>,
    },
}

impl Deed {
    /// The badge that it was done to.
    #[must_use]
    pub const fn badge(&self) -> Position {
        match self {
            Self::Submission { badge, .. }
            | Self::Mint { badge, .. }
            | Self::Revocation { badge, .. } => *badge,
        }
    }

    /// What a request to mint did; `None` for a refusal, which is not kept.
    #[must_use]
    pub const fn of_mint(badge: Position, answer: &MintAnswer) -> Option<Self> {
        let (token, acceptance) = match answer {
            MintAnswer::Requested(token) => (token, Acceptance::New),
            MintAnswer::Known(token) => (token, Acceptance::Known),
            MintAnswer::OtherOwner(_)
            | MintAnswer::Revoked
            | MintAnswer::NoCollection
            | MintAnswer::BeingSealed => return None,
        };
        let (token, requested_at) = (token.position, token.requested_at);
        Some(Self::Mint { badge, token, requested_at, acceptance })
    }

    /// What a request to revoke did; `None` when another reason stands, which is a refusal.
    #[must_use]
    pub fn of_revocation(request: &RevocationRequest, stored: &Revocation) -> Option<Self> {
        let &Revocation { reason, requested_at, final_at } = stored;
        let badge = request.position;
        (reason == request.reason).then_some(Self::Revocation { badge, requested_at, final_at })
    }
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptRequest {
    /// A request of this fingerprint did this.
    Done {
        /// [`Claim::fingerprint`].
        fingerprint: Hash,
        /// What it did.
        deed: Deed,
    },
    /// The badge was erased since; the name stays taken.
    Erased,
}

/// Requests with names. A refusal is never kept: a name stands for something that was done.
#[async_trait::async_trait]
pub trait Idempotency: Send + Sync {
    /// What the name stands for at this time.
    async fn kept(
        &self,
        key: RequestKey,
        now: Timestamp,
    ) -> Result<Option<KeptRequest>, StoreError>;

    /// As [`crate::Intake::accept`]; `claims` belong to the submissions of the same places, and may
    /// end earlier. A submission whose name is taken is not looked at and gets `None`. A claim is
    /// kept unless the badge is known with other options.
    ///
    /// # Errors
    /// As [`crate::Intake::accept`].
    async fn accept_claiming(
        &self,
        stream: StreamId,
        submissions: &[Submission],
        claims: &[Option<Claim>],
    ) -> Result<Vec<Option<Accepted>>, StoreError>;

    /// As [`crate::Intake::request_mint`]; a claim is kept with [`MintAnswer::Requested`] and
    /// [`MintAnswer::Known`].
    ///
    /// # Errors
    /// `KeyTaken`, and nothing is stored; or as [`crate::Intake::request_mint`].
    async fn request_mint_claiming(
        &self,
        account: AccountId,
        request: &MintRequest,
        claim: Option<&Claim>,
    ) -> Result<MintAnswer, StoreError>;

    /// As [`crate::Intake::request_revocation`]; a claim is kept when the reason asked for is the
    /// one that stands.
    ///
    /// # Errors
    /// `KeyTaken`, and nothing is stored; or as [`crate::Intake::request_revocation`].
    async fn request_revocation_claiming(
        &self,
        request: RevocationRequest,
        claim: Option<&Claim>,
    ) -> Result<Revocation, StoreError>;
}

/// Expired names that one transaction with new ones deletes: as long as names come, more go.
pub const PRUNED_AT_ONCE: i64 = 100;

/// Submissions whose names are free, of those with claims. Pure; the same in both back ends.
#[derive(Debug)]
pub struct Free<'a> {
    claims: &'a [Option<Claim>],
    free: Vec<bool>,
}

impl<'a> Free<'a> {
    /// `kept` are stored names with their ends. Of two claims of one name in a call the first
    /// stands.
    #[must_use]
    pub fn of(
        submissions: usize,
        claims: &'a [Option<Claim>],
        kept: &HashMap<RequestKey, Timestamp>,
    ) -> Self {
        let mut met = HashSet::new();
        let mut is_free = |claim: &Claim| {
            let ended = kept.get(&claim.key).is_none_or(|end| *end <= claim.at);
            ended && met.insert(claim.key)
        };
        let all = claims.iter().map(Some).chain(std::iter::repeat(None)).take(submissions);
        let free =
            all.map(|claim| claim.and_then(Option::as_ref).is_none_or(&mut is_free)).collect();
        Self { claims, free }
    }

    /// The submissions to be accepted: mostly all.
    #[must_use]
    pub fn select<'s>(&self, submissions: &'s [Submission]) -> Cow<'s, [Submission]> {
        if self.free.iter().all(|free| *free) {
            return Cow::Borrowed(submissions);
        }
        let both = submissions.iter().zip(&self.free);
        both.filter(|(_, free)| **free).map(|(submission, _)| submission.clone()).collect()
    }

    /// The answers to all, from those to the selected ones, and what is to be kept, by name.
    #[must_use]
    pub fn conclude(
        &self,
        submissions: &[Submission],
        accepted: Vec<Accepted>,
    ) -> (Vec<Option<Accepted>>, Vec<(Claim, Deed)>) {
        let mut accepted = accepted.into_iter();
        let mut deeds = Vec::new();
        let mut answers = Vec::with_capacity(submissions.len());
        for (place, (submission, free)) in submissions.iter().zip(&self.free).enumerate() {
            let answer = if *free { accepted.next() } else { None };
            if let (Some(answer), Some(Some(claim))) = (&answer, self.claims.get(place))
                && answer.same_options(submission)
            {
                let Accepted { position: badge, acceptance, .. } = *answer;
                deeds.push((*claim, Deed::Submission { badge, acceptance }));
            }
            answers.push(answer);
        }
        // in one order, so that two transactions never wait for each other
        deeds.sort_unstable_by_key(|(claim, _)| claim.key);
        (answers, deeds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::IssuerId;
    use proof::Rule;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn submission(digest: u8) -> Submission {
        Submission {
            issuer: IssuerId(1),
            rule: Rule::Opaque,
            digest: Hash([digest; 32]),
            id_tag: None,
            salt: Hash([digest; 32]),
            accepted_at: at(5),
            window_started_at: None,
            external_id: None,
            public_lookup: true,
            recipient: None,
            metadata: None,
        }
    }

    fn claim(name: u8) -> Claim {
        let key = RequestKey { account: AccountId(1), hash: Hash([name; 32]) };
        Claim { key, fingerprint: Hash([!name; 32]), at: at(10), expires_at: at(20) }
    }

    fn accepted(submission: &Submission, position: i64) -> Accepted {
        Accepted {
            acceptance: Acceptance::New,
            position: Position::from_i64(position).unwrap(),
            salt: submission.salt,
            accepted_at: submission.accepted_at,
            window_started_at: None,
            external_id: None,
            public_lookup: submission.public_lookup,
            recipient: None,
            metadata: None,
        }
    }

    #[test]
    fn a_name_is_taken_once_and_free_when_it_ends() {
        let calls: Vec<_> = (1..=6).map(submission).collect();
        let claims = [Some(claim(9)), None, Some(claim(9)), Some(claim(8)), Some(claim(7))];
        let kept = HashMap::from([(claim(8).key, at(10)), (claim(7).key, at(11))]);
        let free = Free::of(calls.len(), &claims, &kept);
        let selected: Vec<_> = free.select(&calls).iter().map(|one| one.digest.0[0]).collect();
        assert_eq!(selected, [1, 2, 4, 6]);

        let mut answers: Vec<_> = free
            .select(&calls)
            .iter()
            .map(|one| accepted(one, i64::from(one.digest.0[0])))
            .collect();
        // known with other options
        answers[0].public_lookup = false;
        let (all, deeds) = free.conclude(&calls, answers);
        let positions: Vec<_> =
            all.iter().map(|one| one.as_ref().map(|one| one.position.as_i64())).collect();
        assert_eq!(positions, [Some(1), Some(2), None, Some(4), None, Some(6)]);
        let badge = Position::from_i64(4).unwrap();
        let deed = Deed::Submission { badge, acceptance: Acceptance::New };
        assert_eq!(deeds, [(claim(8), deed)]);
    }

    #[test]
    fn what_is_kept_comes_in_the_order_of_names() {
        let calls: Vec<_> = (1..=3).map(submission).collect();
        let claims = [Some(claim(3)), Some(claim(1)), Some(claim(2))];
        let free = Free::of(calls.len(), &claims, &HashMap::new());
        let answers = calls.iter().map(|one| accepted(one, 1)).collect();
        let (_, deeds) = free.conclude(&calls, answers);
        let names: Vec<_> = deeds.iter().map(|(claim, _)| claim.key.hash.0[0]).collect();
        assert_eq!(names, [1, 2, 3]);
    }
}
