//! `ingam digest FILE|DIR…`: `digest rule form file` per line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use badge::{Badge, Code, Form, Refusal};
use proof::{Hash, Rule};
use serde_json::{Value, json};

use crate::presented_file;
use crate::presented_files::{Listed, list};

/// Print the digest of badges
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Badges in any form, or other JSON documents; of a directory, its files
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// Directories in directories, too
    #[arg(long, short)]
    recursive: bool,
    /// Print JSON, one object a line, with what was read of each badge
    #[arg(long)]
    json: bool,
}

/// A file that has a digest.
enum Digested {
    Badge(Box<Badge>),
    /// JSON of no badge, for those who declare its digest; intake would refuse the document.
    Document(Hash),
}

enum Undigested {
    Unread(String),
    /// A proof document.
    Proof(Refusal),
    Refused(Refusal),
}

impl Digested {
    fn line(&self) -> (Hash, Rule, String) {
        match self {
            Self::Badge(badge) => (badge.digest, badge.rule, badge.form.to_string()),
            Self::Document(digest) => (*digest, Rule::JcsSha256V1, Form::Json.to_string()),
        }
    }
}

impl Undigested {
    fn text(&self) -> String {
        match self {
            Self::Unread(why) => why.clone(),
            Self::Proof(refusal) | Self::Refused(refusal) => refusal.to_string(),
        }
    }
}

/// Exit code 1 when any file is refused; its code and place go to standard error.
pub(crate) fn run(args: &Args) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for listed in list(&args.files, args.recursive) {
        let (path, outcome) = match listed {
            Ok(Listed { path, in_directory }) => {
                let outcome = digest(&path);
                // a proof may be kept beside its badge
                if in_directory && matches!(outcome, Err(Undigested::Proof(_))) {
                    continue;
                }
                (path, outcome)
            }
            Err(why) => {
                eprintln!("{why}");
                code = ExitCode::FAILURE;
                continue;
            }
        };
        if let Err(why) = &outcome {
            eprintln!("{}: {}", path.display(), why.text());
            code = ExitCode::FAILURE;
        }
        if args.json {
            println!("{}", object(&path, &outcome));
        } else if let Ok(digested) = &outcome {
            let (digest, rule, form) = digested.line();
            println!("{digest} {rule} {form} {}", path.display());
        }
    }
    code
}

fn digest(file: &Path) -> Result<Digested, Undigested> {
    let bytes =
        presented_file::read(file).map_err(|error| Undigested::Unread(format!("{error:#}")))?;
    match badge::read(&bytes) {
        Ok(badge) => Ok(Digested::Badge(Box::new(badge))),
        Err(refusal)
            if refusal.code == Code::NotABadge && badge::classify(&bytes) == Form::Json =>
        {
            let digest = badge::read_json_value_digest(&bytes);
            digest.map(Digested::Document).map_err(Undigested::Refused)
        }
        Err(refusal) if badge::classify(&bytes) == Form::ProofDocument => {
            Err(Undigested::Proof(refusal))
        }
        Err(refusal) => Err(Undigested::Refused(refusal)),
    }
}

/// An outcome for programs. Members that are not known are left out.
fn object(file: &Path, outcome: &Result<Digested, Undigested>) -> Value {
    let file = file.display().to_string();
    let mut object = match outcome {
        Err(Undigested::Unread(why)) => json!({"file": file, "error": why}),
        Err(Undigested::Proof(refusal) | Undigested::Refused(refusal)) => {
            json!({"file": file, "refused": refusal, "advice": refusal.code.advice()})
        }
        Ok(digested) => {
            let (digest, rule, form) = digested.line();
            json!({"file": file, "digest": digest, "rule": rule, "form": form})
        }
    };
    if let (Ok(Digested::Badge(badge)), Value::Object(members)) = (outcome, &mut object) {
        let shown = [
            ("standard", Some(json!(badge.standard))),
            ("id", badge.id.as_ref().map(|text| json!(text))),
            ("issuers", Some(json!(badge.issuers))),
            ("name", badge.name.as_ref().map(|text| json!(text))),
            ("validFrom", badge.valid_from.as_ref().map(|text| json!(text))),
            ("validUntil", badge.valid_until.as_ref().map(|text| json!(text))),
            ("warnings", Some(json!(badge.warnings))),
        ];
        let shown = shown.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        members.extend(shown);
    }
    object
}
