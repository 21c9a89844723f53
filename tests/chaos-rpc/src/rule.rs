//! What goes wrong, with which calls, and how often.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Dialect;

/// Longest delay, in milliseconds: a minute is longer than any limit of the service.
const MAX_DELAY_MS: u64 = 60_000;

/// What happens to a call.
///
/// Faults that replace the node's answer do so without asking it, unless [`Rule::acts`] is set: the
/// call then takes effect and its answer is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// The node's answer comes so much later, a minute at most.
    Delay {
        /// In milliseconds.
        milliseconds: u64,
    },
    /// No answer, while the connection stays open. It is closed when the rules change.
    Hang,
    /// The connection ends without an answer.
    Drop,
    /// This HTTP status, with a short text.
    Status {
        /// 100 to 999.
        status: u16,
    },
    /// A page for people, with status 200.
    Html,
    /// JSON that ends in the middle.
    HalfJson,
    /// Nothing, with status 200.
    EmptyBody,
    /// A JSON-RPC answer with neither result nor error.
    NoResult,
    /// A good answer, to another request.
    WrongId,
    /// A string result of so many bytes.
    Huge {
        /// Length of the string.
        bytes: u64,
    },
    /// An answer that comes a byte at a time and does not end.
    Drip,
    /// This result, whatever was asked.
    Result {
        /// Any JSON; `null` for "there is none".
        value: Value,
    },
    /// This JSON-RPC error.
    Error {
        /// As the node would say.
        code: i64,
        /// As the node would say.
        message: String,
    },
    /// The node's own result with one member changed.
    Patch {
        /// JSON pointer (RFC 6901) into the result, empty for all of it; where the node answers with
        /// an error, or without such a member, nothing is injected.
        pointer: String,
        /// What stands there instead.
        value: Value,
    },
    /// The answer of so many blocks ago. Over all methods: a node that is behind, consistently.
    Behind {
        /// How many.
        blocks: u64,
    },
    /// The answer as it was when this block was the newest: a node that is stuck.
    AsOf {
        /// Number of the block.
        block: u64,
    },
    /// The hash of the raw transaction that was to be sent, which goes nowhere.
    Swallow,
    /// The node is asked with another first parameter: `"latest"` in place of `"finalized"` makes a
    /// dishonest tag.
    Asks {
        /// What it is asked instead.
        parameter: Value,
    },
    /// A node without EIP-1898 that does not say so: a block asked for by hash is taken for the one
    /// so many below the head.
    ForgetsHash {
        /// How many.
        blocks: u64,
    },
    /// A pool with the rules of real nodes, which anvil's lacks, in the words of one of them. For
    /// `eth_sendRawTransaction`; counted when the pool refuses.
    Pool {
        /// Whose words.
        dialect: Dialect,
        /// What a replacement must offer more of both fees.
        percent: u64,
        /// Whether a nonce that leaves a gap is refused instead of queued.
        #[serde(default)]
        refuses_gaps: bool,
        /// Whether what is taken stays here, and is never mined.
        #[serde(default)]
        keeps: bool,
    },
}

impl Fault {
    /// The name under which it is counted, and in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Hang => "hang",
            Self::Drop => "drop",
            Self::Status { .. } => "status",
            Self::Html => "html",
            Self::HalfJson => "half-json",
            Self::EmptyBody => "empty-body",
            Self::NoResult => "no-result",
            Self::WrongId => "wrong-id",
            Self::Huge { .. } => "huge",
            Self::Drip => "drip",
            Self::Result { .. } => "result",
            Self::Error { .. } => "error",
            Self::Patch { .. } => "patch",
            Self::Behind { .. } => "behind",
            Self::AsOf { .. } => "as-of",
            Self::Swallow => "swallow",
            Self::Asks { .. } => "asks",
            Self::ForgetsHash { .. } => "forgets-hash",
            Self::Pool { .. } => "pool",
        }
    }

    pub(crate) fn delay_ms(&self) -> u64 {
        match self {
            Self::Delay { milliseconds } => (*milliseconds).min(MAX_DELAY_MS),
            _ => 0,
        }
    }
}

/// Which calls a fault happens to. The first rule that applies decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// JSON-RPC methods; empty for all.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Only calls whose first parameter is this, for example `"finalized"`.
    #[serde(default)]
    pub first_parameter: Option<Value>,
    /// Whether the node is asked before its answer is replaced.
    #[serde(default)]
    pub acts: bool,
    /// So many calls are left alone first.
    #[serde(default)]
    pub skip: u32,
    /// How often it happens; until the rules change where it is left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// By chance: so often in a thousand; always where it is left out.
    #[serde(default)]
    pub per_mille: Option<u16>,
    /// What happens.
    #[serde(flatten)]
    pub fault: Fault,
}

impl Rule {
    /// For every call, always.
    #[must_use]
    pub const fn always(fault: Fault) -> Self {
        Self {
            methods: Vec::new(),
            first_parameter: None,
            acts: false,
            skip: 0,
            times: None,
            per_mille: None,
            fault,
        }
    }

    /// For the calls of one method.
    #[must_use]
    pub fn on(method: &str, fault: Fault) -> Self {
        Self { methods: vec![method.to_owned()], ..Self::always(fault) }
    }

    /// A method's result is this.
    #[must_use]
    pub fn result(method: &str, value: impl Into<Value>) -> Self {
        Self::on(method, Fault::Result { value: value.into() })
    }

    /// A method fails with this text.
    #[must_use]
    pub fn error(method: &str, message: &str) -> Self {
        Self::on(method, Fault::Error { code: -32000, message: message.to_owned() })
    }

    /// Only for calls with this first parameter.
    #[must_use]
    pub fn with(self, first_parameter: impl Into<Value>) -> Self {
        Self { first_parameter: Some(first_parameter.into()), ..self }
    }

    /// The node acts before its answer is lost or replaced.
    #[must_use]
    pub fn after_acting(self) -> Self {
        Self { acts: true, ..self }
    }

    /// So often, and then no more.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// So many calls are left alone first.
    #[must_use]
    pub fn skip(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// So often in a thousand, by the proxy's seed.
    #[must_use]
    pub fn per_mille(self, per_mille: u16) -> Self {
        Self { per_mille: Some(per_mille), ..self }
    }

    fn fits(&self, method: &str, params: &Value) -> bool {
        let method = self.methods.is_empty() || self.methods.iter().any(|one| one == method);
        let first = self.first_parameter.as_ref();
        method && first.is_none_or(|first| params.get(0) == Some(first))
    }
}

/// Rules with what is left of them.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    chance: Chance,
}

impl Rules {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { rules: Vec::new(), chance: Chance(seed) }
    }

    pub(crate) fn set(&mut self, rules: Vec<Rule>) {
        self.rules = rules;
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(crate) fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule for this call, one use of which is taken.
    pub(crate) fn take(&mut self, method: &str, params: &Value) -> Option<Rule> {
        for rule in &mut self.rules {
            if rule.times == Some(0) || !rule.fits(method, params) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if rule.per_mille.is_some_and(|often| self.chance.per_mille() >= often) {
                continue;
            }
            rule.times = rule.times.map(|left| left - 1);
            return Some(rule.clone());
        }
        None
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed and the same calls, the same faults.
#[derive(Debug, Default)]
struct Chance(u64);

impl Chance {
    fn per_mille(&mut self) -> u16 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % 1000) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_is_used_up_and_the_next_one_decides() {
        let mut rules = Rules::seeded(1);
        rules.add(Rule::on("a", Fault::Drop).skip(1).times(2));
        rules.add(Rule::result("a", "0x1").with("latest"));
        let mut names = Vec::new();
        for _ in 0..5 {
            let rule = rules.take("a", &json!(["latest"]));
            names.push(rule.map(|rule| rule.fault.name()));
        }
        let [result, drop] = [Some("result"), Some("drop")];
        assert_eq!(names, [result, drop, drop, result, result]);
        assert_eq!(rules.take("a", &json!(["pending"])), None);
        assert_eq!(rules.take("b", &json!([])), None);
    }

    #[test]
    fn chance_is_a_matter_of_the_seed() {
        let draw = |seed| {
            let mut rules = Rules::seeded(seed);
            rules.add(Rule::always(Fault::Html).per_mille(300));
            (0..1000).map(|_| rules.take("a", &json!([])).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let hits = draw(3).into_iter().filter(|hit| *hit).count();
        assert!((200..400).contains(&hits), "{hits}");
    }

    #[test]
    fn rules_are_written_as_json() {
        let text =
            r#"{"methods":["eth_call"],"fault":"error","code":-32000,"message":"no","times":1}"#;
        let rule: Rule = serde_json::from_str(text).unwrap();
        assert_eq!(rule, Rule::error("eth_call", "no").times(1));
        let text = r#"{"fault":"pool","dialect":"geth","percent":10}"#;
        let rule: Rule = serde_json::from_str(text).unwrap();
        let pool =
            Fault::Pool { dialect: Dialect::Geth, percent: 10, refuses_gaps: false, keeps: false };
        assert_eq!(rule, Rule::always(pool));
        assert!(serde_json::from_str::<Rule>(r#"{"fault":"fire"}"#).is_err());
    }
}
