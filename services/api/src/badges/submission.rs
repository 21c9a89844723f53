//! One submission as posted, alone or as a line of a bulk request.

use badge::{Badge, DeclaredHash, Warning};
use domain::{ExternalId, PublicMetadata};
use proof::{Address, Hash, Rule, Timestamp};

use super::read_badge::ReadBadge;
use super::recipient::read_owner;
use crate::members::{Members, invalid, missing};
use crate::presented::PresentedBadge;
use crate::problem::{Answer, Problem, ProblemCode};

/// A submission that is well formed. Of the badge's content it holds what the answer shows.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Under which name or names to look for the issuer; never empty.
    pub(crate) issuers: Vec<String>,
    pub(crate) rule: Rule,
    pub(crate) digest: Hash,
    pub(crate) window_started_at: Option<Timestamp>,
    pub(crate) external_id: Option<ExternalId>,
    pub(crate) public_lookup: bool,
    pub(crate) recipient: Option<Address>,
    pub(crate) metadata: Option<PublicMetadata>,
    pub(crate) digest_source: DigestSource,
    pub(crate) warnings: Vec<Warning>,
    /// What this service read; `None` for a digest.
    pub(crate) read: Option<ReadBadge>,
}

/// Who computed a digest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DigestSource {
    /// This service, from the badge.
    Service,
    /// The issuer; the service has not seen the badge.
    Issuer,
}

/// What a bulk request says once for all its lines.
#[derive(Debug, Default, Clone)]
pub(crate) struct Defaults {
    pub(crate) issuer: Option<String>,
    pub(crate) window_started_at: Option<Timestamp>,
}

impl Defaults {
    /// Takes the members that may stand in a header.
    pub(crate) fn take(members: &mut Members<'_>) -> Answer<Self> {
        Ok(Self { issuer: members.optional("issuer")?, window_started_at: window(members)? })
    }
}

fn window(members: &mut Members<'_>) -> Answer<Option<Timestamp>> {
    let text: Option<String> = members.optional("windowStartedAt")?;
    let parse = |text: String| Timestamp::parse_rfc3339(&text);
    text.map(parse).transpose().map_err(|why| invalid("windowStartedAt", &why))
}

impl Posted {
    /// Reads the JSON of one submission.
    ///
    /// # Errors
    /// The problem, with the place of what is wrong.
    pub(crate) fn read(json: &[u8], defaults: &Defaults) -> Answer<Self> {
        let mut members = Members::parse(json)?;
        let badge = PresentedBadge::take_credential(&mut members)?;
        let digest = members.optional::<String>("digest")?;
        let rule = members.optional::<String>("rule")?;
        let stated = Defaults::take(&mut members)?;
        let external_id = members.optional::<String>("externalId")?;
        let public_lookup = members.optional::<bool>("publicLookup")?;
        let recipient = members.optional::<String>("recipient")?;
        let metadata = members.optional::<PublicMetadata>("metadata")?;
        members.finish()?;

        let external_id = external_id.map(|text| text.parse()).transpose();
        let external_id = external_id.map_err(|why| invalid("externalId", &why))?;
        let recipient = recipient.map(|text| read_owner("recipient", &text)).transpose()?;
        if let Some(Err(why)) = metadata.as_ref().map(PublicMetadata::check) {
            let detail = format!("metadata: {why}");
            let problem = Problem::new(ProblemCode::InvalidMember, detail);
            return Err(problem.at(format!("/metadata/{}", why.member)));
        }
        let window_started_at = stated.window_started_at.or(defaults.window_started_at);
        let named = stated.issuer.or_else(|| defaults.issuer.clone());
        match (badge, digest, rule) {
            (Some(badge), None, None) => {
                let read =
                    badge::read(&badge.bytes).map_err(|why| Problem::refused(&why, badge.place))?;
                Ok(Self {
                    window_started_at,
                    external_id,
                    public_lookup: public_lookup.unwrap_or(true),
                    recipient,
                    metadata,
                    ..Self::of(read, named)?
                })
            }
            (None, Some(digest), Some(rule)) => {
                let DeclaredHash { rule, digest } = DeclaredHash::parse(&rule, &digest)
                    .map_err(|why| Problem::refused(&why, ""))?;
                Ok(Self {
                    issuers: names(named, Vec::new())?,
                    rule,
                    digest,
                    window_started_at,
                    external_id,
                    // an opaque digest may be guessable
                    public_lookup: public_lookup.unwrap_or(rule != Rule::Opaque),
                    recipient,
                    metadata,
                    digest_source: DigestSource::Issuer,
                    warnings: Vec::new(),
                    read: None,
                })
            }
            (None, Some(_), None) => Err(missing("rule")),
            (None, None, Some(_)) => Err(missing("digest")),
            (None, None, None) => Err(missing("credential")),
            (Some(badge), _, _) => {
                let detail = "send one of credential, badgeBase64, or digest and rule";
                Err(Problem::new(ProblemCode::ConflictingMembers, detail).at(badge.place))
            }
        }
    }

    /// A badge that was read here, without options.
    ///
    /// # Errors
    /// `issuer_missing`.
    pub(crate) fn of(badge: Badge, named: Option<String>) -> Answer<Self> {
        let read = ReadBadge::of(&badge);
        Ok(Self {
            issuers: names(named, badge.issuers)?,
            rule: badge.rule,
            digest: badge.digest,
            window_started_at: None,
            external_id: None,
            public_lookup: true,
            recipient: None,
            metadata: None,
            digest_source: DigestSource::Service,
            warnings: badge.warnings,
            read: Some(read),
        })
    }
}

/// The issuer from the request, else from the badge.
fn names(named: Option<String>, in_badge: Vec<String>) -> Answer<Vec<String>> {
    let names = named.map_or(in_badge, |name| vec![name]);
    if names.is_empty() {
        let detail = "give the member issuer: the badge names none, or was not sent";
        return Err(Problem::new(ProblemCode::IssuerMissing, detail).at("/issuer"));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const CREDENTIAL: &str = r#"{"type":["VerifiableCredential"],"issuer":"https://a.example/"}"#;

    fn read(json: &str) -> Result<Posted, &'static str> {
        Posted::read(json.as_bytes(), &Defaults::default())
            .map_err(|problem| problem.code().as_str())
    }

    #[test]
    fn a_credential_is_hashed_from_its_own_bytes() {
        let direct = badge::read(CREDENTIAL.as_bytes()).unwrap();
        let posted =
            read(&format!(r#"{{"externalId":"7", "credential": {CREDENTIAL} }}"#)).unwrap();
        assert_eq!((posted.digest, posted.rule), (direct.digest, direct.rule));
        assert_eq!(posted.issuers, ["https://a.example/"]);
        assert_eq!(posted.digest_source, DigestSource::Service);
        let encoded = BASE64_STANDARD.encode(format!("\u{feff} {CREDENTIAL}\n"));
        let encoded = read(&format!(r#"{{"badgeBase64":"{encoded}"}}"#)).unwrap();
        assert_eq!((encoded.digest, encoded.issuers), (direct.digest, posted.issuers.clone()));
        let other = format!(r#"{{"credential":{CREDENTIAL},"issuer":"did:web:b.example"}}"#);
        assert_eq!(read(&other).unwrap().issuers, ["did:web:b.example"]);
    }

    #[test]
    fn what_is_wrong_has_a_code() {
        let digest = "ab".repeat(32);
        for (json, code) in [
            (r#"{"issuer":"https://a.example/"}"#.to_owned(), "missing_member"),
            (format!(r#"{{"digest":"{digest}"}}"#), "missing_member"),
            (r#"{"rule":"opaque"}"#.to_owned(), "missing_member"),
            (format!(r#"{{"digest":"{digest}","rule":"opaque"}}"#), "issuer_missing"),
            (format!(r#"{{"digest":"{digest}","rule":"audit-head"}}"#), "bad_rule"),
            (r#"{"digest":"AB","rule":"opaque"}"#.to_owned(), "bad_digest"),
            (format!(r#"{{"credential":{CREDENTIAL},"rule":"opaque"}}"#), "conflicting_members"),
            (format!(r#"{{"credential":{CREDENTIAL},"owner":"0x"}}"#), "unknown_member"),
            (format!(r#"{{"credential":{CREDENTIAL},"recipient":"0x"}}"#), "invalid_member"),
            (
                format!(r#"{{"credential":{CREDENTIAL},"metadata":{{"name":""}}}}"#),
                "invalid_member",
            ),
            (format!(r#"{{"credential":{CREDENTIAL},"externalId":""}}"#), "invalid_member"),
            (format!(r#"{{"credential":{CREDENTIAL},"windowStartedAt":"now"}}"#), "invalid_member"),
            (
                format!(r#"{{"credential":{CREDENTIAL},"badgeBase64":"e30="}}"#),
                "conflicting_members",
            ),
            (format!(r#"{{"badgeBase64":"e30=","digest":"{digest}"}}"#), "conflicting_members"),
            (r#"{"badgeBase64":"e30"}"#.to_owned(), "invalid_member"),
            (r#"{"badgeBase64":"e30="}"#.to_owned(), "not_a_badge"),
            (r#"{"credential":"text"}"#.to_owned(), "unknown_form"),
            (r#"{"credential":{"a":1}}"#.to_owned(), "not_a_badge"),
            (r#"{"credential":{"a":1,"a":2}}"#.to_owned(), "duplicate_key"),
        ] {
            assert_eq!(read(&json).unwrap_err(), code, "{json}");
        }
    }
}
