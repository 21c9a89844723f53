//! Whether a node is believed: put aside with a reason, for longer each time, and taken back once it
//! has proved sane.

use std::fmt;
use std::time::{Duration, Instant};

/// Longest time aside for a node that lies or is of another chain.
const LONGEST: Duration = Duration::from_secs(600);
/// The same for one that only fails: it may come back at any moment.
const LONGEST_FAILING: Duration = Duration::from_secs(60);

/// Why a node is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It does not answer, or not with JSON-RPC.
    Failing,
    /// Its chain id is not the configured one.
    WrongChain,
    /// Its head is too far behind.
    Lagging,
    /// Its head is where no other's is.
    Ahead,
    /// What it says contradicts itself, or what the others say.
    Contradiction,
}

impl Reason {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::WrongChain => "wrong-chain",
            Self::Lagging => "lagging",
            Self::Ahead => "ahead",
            Self::Contradiction => "contradiction",
        }
    }

    const fn longest(self) -> Duration {
        match self {
            Self::Failing => LONGEST_FAILING,
            _ => LONGEST,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What may be done with a node now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It is asked like any other.
    Good,
    /// Its time aside is over: it is tried, after all good ones.
    Probation(Reason),
    /// It is not asked.
    Aside(Reason),
}

/// A node's record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// How long the first time aside is.
    base: Duration,
    aside: Option<(Reason, Instant)>,
    /// The last time aside, and when it was over for good.
    last: Duration,
    readmitted: Option<Instant>,
}

impl Standing {
    pub(crate) const fn new(base: Duration) -> Self {
        Self { base, aside: None, last: Duration::ZERO, readmitted: None }
    }

    pub(crate) fn trust(&self, now: Instant) -> Trust {
        match self.aside {
            None => Trust::Good,
            Some((reason, until)) if now < until => Trust::Aside(reason),
            Some((reason, _)) => Trust::Probation(reason),
        }
    }

    /// Puts it aside, or leaves it aside for longer; says whether that is news, and for how long.
    pub(crate) fn put_aside(&mut self, reason: Reason, now: Instant) -> (bool, Duration) {
        // one that was good for longer than it was aside begins anew
        let begins_anew = self.aside.is_none()
            && self.readmitted.is_none_or(|since| now.duration_since(since) > self.last);
        self.last = if begins_anew { self.base } else { self.last.saturating_mul(2) };
        self.last = self.last.max(self.base).min(reason.longest().max(self.base));
        let news = self.aside.is_none_or(|(before, _)| before != reason);
        self.aside = Some((reason, now + self.last));
        (news, self.last)
    }

    /// Takes it back; says what it was aside for.
    pub(crate) fn readmit(&mut self, now: Instant) -> Option<Reason> {
        let (reason, _) = self.aside.take()?;
        self.readmitted = Some(now);
        Some(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_secs(5);

    #[test]
    fn each_time_aside_is_longer_until_it_was_good_for_as_long() {
        let start = Instant::now();
        let mut standing = Standing::new(BASE);
        assert_eq!(standing.trust(start), Trust::Good);
        let mut now = start;
        for (seconds, news) in [(5, true), (10, false), (20, false)] {
            let put = standing.put_aside(Reason::Lagging, now);
            assert_eq!(put, (news, Duration::from_secs(seconds)));
            let until = now + Duration::from_secs(seconds);
            let just_before = until - Duration::from_millis(1);
            assert_eq!(standing.trust(just_before), Trust::Aside(Reason::Lagging));
            assert_eq!(standing.trust(until), Trust::Probation(Reason::Lagging));
            now = until;
        }
        assert_eq!(standing.readmit(now), Some(Reason::Lagging));
        assert_eq!(standing.readmit(now), None);
        assert_eq!(standing.trust(now), Trust::Good);
        // it does it again at once
        let (news, time) = standing.put_aside(Reason::Lagging, now + BASE);
        assert_eq!((news, time), (true, Duration::from_secs(40)));
        now += Duration::from_secs(60);
        standing.readmit(now);
        let long_after = now + Duration::from_secs(41);
        assert_eq!(standing.put_aside(Reason::Failing, long_after), (true, BASE));
    }

    #[test]
    fn there_is_a_longest_time() {
        let now = Instant::now();
        for (reason, longest) in
            [(Reason::Contradiction, LONGEST), (Reason::Failing, LONGEST_FAILING)]
        {
            let mut standing = Standing::new(BASE);
            let times = (0..200).map(|_| standing.put_aside(reason, now).1);
            assert_eq!(times.last(), Some(longest));
        }
    }

    #[test]
    fn another_reason_is_news() {
        let now = Instant::now();
        let mut standing = Standing::new(Duration::ZERO);
        assert_eq!(standing.put_aside(Reason::Failing, now), (true, Duration::ZERO));
        assert_eq!(standing.put_aside(Reason::Failing, now), (false, Duration::ZERO));
        assert_eq!(standing.put_aside(Reason::WrongChain, now), (true, Duration::ZERO));
        assert_eq!(standing.trust(now), Trust::Probation(Reason::WrongChain));
    }
}
