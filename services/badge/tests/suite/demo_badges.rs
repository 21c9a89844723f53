//! The sample badges in `scripts/demo-badges`: readable, distinct, from issuers that the demo
//! registers, and ours with every member that Open Badges 3.0 requires
//! (<https://www.imsglobal.org/spec/ob/v3p0/>, section "Data Model").

use std::collections::BTreeSet;
use std::path::PathBuf;

use badge::json::{self, Value};
use badge::{Badge, IssuerMatch, Standard};
use proof::{IssuerIdentifier, Timestamp};

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../scripts/demo-badges"].iter().collect()
}

/// The JSON files of a folder, by name.
fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder().join(name)).expect("the folder is committed");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let json = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut files: Vec<_> = json
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("it is readable")))
        .collect();
    files.sort();
    files
}

fn badges(name: &str) -> Vec<(String, Badge)> {
    let read = |(file, bytes): (String, Vec<u8>)| {
        let badge = badge::read(&bytes).unwrap_or_else(|refusal| panic!("{file}: {refusal}"));
        (file, badge)
    };
    files(name).into_iter().map(read).collect()
}

#[test]
fn each_is_a_badge_of_its_own_from_a_listed_issuer() {
    let list = std::fs::read_to_string(folder().join("issuers.tsv")).unwrap();
    let listed: BTreeSet<IssuerIdentifier> = list
        .lines()
        .skip(1)
        .map(|line| line.split('\t').next().unwrap().parse().unwrap())
        .collect();
    let (ours, real) = (badges("hanbit"), badges("real"));
    assert_eq!((ours.len(), real.len()), (8, 6));
    let mut named = BTreeSet::new();
    let mut digests = BTreeSet::new();
    for (file, badge) in ours.iter().chain(&real) {
        let matches = |issuer: &&IssuerIdentifier| {
            badge::issuer_match(badge, issuer, &[]) == IssuerMatch::Match
        };
        let issuer = listed.iter().find(matches).unwrap_or_else(|| panic!("{file}: issuer"));
        named.insert(issuer.clone());
        assert!(digests.insert(badge.digest), "{file}: another file has its digest");
        assert!(badge.warnings.is_empty(), "{file}: {:?}", badge.warnings);
    }
    assert_eq!(named, listed);
}

#[test]
fn ours_have_what_open_badges_requires() {
    let mut recipients = BTreeSet::new();
    for (file, bytes) in files("hanbit") {
        assert_eq!(badge::read(&bytes).unwrap().standard, Standard::OpenBadges30, "{file}");
        let credential = Member { value: &json::parse(&bytes).unwrap(), at: file };
        check_credential(&credential);
        assert!(recipients.insert(recipient(&credential.get("credentialSubject"))));
    }
    assert_eq!(recipients.len(), 8);
}

fn check_credential(credential: &Member<'_>) {
    let contexts = credential.get("@context");
    assert_eq!(contexts.nth(0).text(), "https://www.w3.org/ns/credentials/v2");
    assert_eq!(
        contexts.nth(1).text(),
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
    );
    credential.has_types(&["VerifiableCredential", "OpenBadgeCredential"]);
    assert!(credential.get("id").text().starts_with("urn:uuid:"));
    assert!(credential.value.get("proof").is_none());
    credential.get("name").text();
    for time in ["validFrom", "awardedDate"] {
        credential.get(time).is_time();
    }
    check_profile(&credential.get("issuer"));
    let subject = credential.get("credentialSubject");
    subject.has_types(&["AchievementSubject"]);
    for time in ["activityStartDate", "activityEndDate"] {
        subject.get(time).is_time();
    }
    check_achievement(&subject.get("achievement"));
    let schema = credential.get("credentialSchema").nth(0);
    assert!(schema.get("id").text().ends_with("ob_v3p0_achievementcredential_schema.json"));
    assert_eq!(schema.get("type").text(), "1EdTechJsonSchemaValidator2019");
}

fn check_profile(profile: &Member<'_>) {
    profile.has_types(&["Profile"]);
    assert!(profile.get("id").text().parse::<IssuerIdentifier>().is_ok(), "{}", profile.at);
    profile.get("name").text();
}

fn check_achievement(achievement: &Member<'_>) {
    const KINDS: [&str; 5] =
        ["Award", "CertificateOfCompletion", "CoCurricular", "Course", "MicroCredential"];
    achievement.has_types(&["Achievement"]);
    assert!(achievement.get("id").text().starts_with("https://"));
    achievement.get("name").text();
    achievement.get("description").text();
    achievement.get("criteria").get("narrative").text();
    check_profile(&achievement.get("creator"));
    assert!(KINDS.contains(&achievement.get("achievementType").text()));
    assert_eq!(achievement.get("inLanguage").text(), "ko");
    let image = achievement.get("image");
    assert_eq!(image.get("type").text(), "Image");
    assert!(image.get("id").text().starts_with("data:image/svg+xml;base64,"));
    image.has_only(&["caption", "id", "type"]);
}

/// The hash of the one recipient, who is named by nothing else.
fn recipient(subject: &Member<'_>) -> String {
    let identity = subject.get("identifier").nth(0);
    identity.has_only(&["hashed", "identityHash", "identityType", "salt", "type"]);
    assert_eq!(identity.get("type").text(), "IdentityObject");
    assert_eq!(identity.get("identityType").text(), "emailAddress");
    assert_eq!(*identity.get("hashed").value, Value::Bool(true));
    assert!(!identity.get("salt").text().is_empty());
    assert!(subject.value.get("id").is_none());
    let hash = identity.get("identityHash").text();
    let digits = hash.strip_prefix("sha256$").unwrap_or_default();
    assert!(digits.parse::<proof::Hash>().is_ok(), "{}", identity.at);
    hash.to_owned()
}

/// A value and where it is, so that a failed check names the place.
struct Member<'v> {
    value: &'v Value<'v>,
    at: String,
}

impl<'v> Member<'v> {
    fn get(&self, name: &str) -> Self {
        let at = format!("{}/{name}", self.at);
        let value = self.value.get(name).unwrap_or_else(|| panic!("{at} is missing"));
        Self { value, at }
    }

    fn nth(&self, index: usize) -> Self {
        let at = format!("{}/{index}", self.at);
        let Value::Array(elements) = self.value else { panic!("{at}: no array") };
        Self { value: elements.get(index).unwrap_or_else(|| panic!("{at} is missing")), at }
    }

    fn text(&self) -> &'v str {
        let text = self.value.as_str().unwrap_or_else(|| panic!("{}: no text", self.at));
        assert!(!text.trim().is_empty(), "{}: empty", self.at);
        text
    }

    fn is_time(&self) {
        let time = Timestamp::parse_rfc3339(self.text());
        assert!(time.is_ok(), "{}: {time:?}", self.at);
    }

    fn has_types(&self, expected: &[&str]) {
        let types = self.get("type");
        let Value::Array(found) = types.value else { panic!("{}: no array", types.at) };
        let found: Vec<&str> = found.iter().filter_map(Value::as_str).collect();
        assert_eq!(found, expected, "{}", types.at);
    }

    /// The schema forbids further members here.
    fn has_only(&self, expected: &[&str]) {
        let Value::Object(members) = self.value else { panic!("{}: no object", self.at) };
        let found: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(found, expected, "{}", self.at);
    }
}
