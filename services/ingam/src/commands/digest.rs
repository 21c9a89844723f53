//! `ingam digest FILE…`: `digest rule form file` per line.

use std::path::PathBuf;
use std::process::ExitCode;

use badge::{Code, Form};
use proof::Rule;

use crate::presented_file;

/// Print the digest of badges
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Badges, or other JSON documents
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Exit code 1 when any file is refused; its code and place go to standard error.
pub(crate) fn run(args: &Args) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for file in &args.files {
        match line(file) {
            Ok(line) => println!("{line}"),
            Err(refusal) => {
                eprintln!("{}: {refusal}", file.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn line(file: &std::path::Path) -> Result<String, String> {
    let bytes = presented_file::read(file).map_err(|error| format!("{error:#}"))?;
    let (digest, rule, form) = match badge::read(&bytes) {
        Ok(badge) => (badge.digest, badge.rule, badge.form.to_string()),
        // other JSON has a digest too, for those who declare it; intake would refuse the document
        Err(refusal)
            if refusal.code == Code::NotABadge && badge::classify(&bytes) == Form::Json =>
        {
            let digest = badge::read_json_value_digest(&bytes).map_err(|why| why.to_string())?;
            (digest, Rule::JcsSha256V1, Form::Json.to_string())
        }
        Err(refusal) => return Err(refusal.to_string()),
    };
    Ok(format!("{digest} {rule} {form} {}", file.display()))
}
