//! Many badges at once: one line each, and the worst of them as the exit code.

use std::path::Path;
use std::process::ExitCode;

use badge::Form;
use proof::TrustFile;
use serde_json::{Value, json};

use super::proofs::{NoProof, Proofs, parse, read};
use super::{Args, NOT_VERIFIED, USAGE, judge};
use crate::presented_files::{Listed, list};

/// What became of one file.
struct Line {
    /// A verdict, or `unreadable` or `no-proof`.
    outcome: String,
    reason: String,
    code: u8,
    /// The whole report, where there is one.
    report: Option<Value>,
}

pub(super) async fn run(args: &Args, trust: &TrustFile, mut proofs: Proofs) -> ExitCode {
    let mut worst = Worst(0);
    let mut badges = Vec::new();
    // the proofs beside the badges first, whatever their names
    for listed in list(&args.badges, args.recursive) {
        match listed {
            Err(why) => {
                eprintln!("{why}");
                worst.add(USAGE);
            }
            Ok(Listed { path, in_directory }) => {
                let bytes = read(&path).ok().filter(|_| in_directory);
                let is_proof = |bytes: &Vec<u8>| badge::classify(bytes) == Form::ProofDocument;
                match bytes.filter(is_proof).map(|bytes| parse(&bytes)) {
                    None => badges.push(path),
                    Some(Ok(document)) => proofs.add(document),
                    Some(Err(reason)) => {
                        let line = Line::new("not-verified", reason, NOT_VERIFIED);
                        line.print(&path, args.json);
                        worst.add(line.code);
                    }
                }
            }
        }
    }
    for path in badges {
        let line = Line::of(args, trust, &proofs, &path).await;
        line.print(&path, args.json);
        worst.add(line.code);
    }
    ExitCode::from(worst.0)
}

impl Line {
    fn new(outcome: &str, reason: String, code: u8) -> Self {
        Self { outcome: outcome.to_owned(), reason, code, report: None }
    }

    async fn of(args: &Args, trust: &TrustFile, proofs: &Proofs, path: &Path) -> Self {
        let badge = match read(path) {
            Ok(badge) => badge,
            Err(why) => return Self::new("unreadable", why, USAGE),
        };
        let document = match proofs.of(&badge) {
            Ok(document) => document,
            Err(NoProof::None) => {
                let why = "no proof is inside it or beside it";
                return Self::new("no-proof", why.to_owned(), USAGE);
            }
            Err(NoProof::Refused(why)) => return Self::new("not-verified", why, NOT_VERIFIED),
        };
        let report = judge(args, trust, &badge, &document).await;
        let code = report.verdict.exit_code();
        let (outcome, reason) = (report.verdict.to_string(), report.reason.clone());
        let report = serde_json::to_value(&report).ok();
        Self { outcome, reason, code, report }
    }

    fn print(&self, path: &Path, as_json: bool) {
        let Self { outcome, reason, .. } = self;
        let file = path.display();
        if !as_json {
            println!("{outcome}\t{file}\t{reason}");
            return;
        }
        let mut object = match &self.report {
            Some(report) => report.clone(),
            None => json!({"verdict": outcome, "reason": reason}),
        };
        object["file"] = Value::from(file.to_string());
        println!("{object}");
    }
}

/// The exit code so far: of two, the one that asks for more.
struct Worst(u8);

/// From harmless to wrong; any other code is as bad as can be.
const BY_HARM: [u8; 6] = [0, 3, 4, 5, USAGE, NOT_VERIFIED];

impl Worst {
    fn add(&mut self, code: u8) {
        let harm = |code: u8| BY_HARM.iter().position(|one| *one == code).unwrap_or(BY_HARM.len());
        if harm(code) > harm(self.0) {
            self.0 = code;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_stands() {
        for (codes, worst) in [
            (&[0, 0][..], 0),
            (&[0, 3, 0], 3),
            (&[3, 4, 3], 4),
            (&[4, 5, 0], 5),
            (&[5, 2, 4], 2),
            (&[2, 1, 5], 1),
        ] {
            let mut code = Worst(0);
            codes.iter().for_each(|one| code.add(*one));
            assert_eq!(code.0, worst, "{codes:?}");
        }
    }
}
