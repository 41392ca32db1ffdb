//! A report with many findings, each with a picture of its rules: `many FINDINGS FILE`. `cargo xtask bench papers` runs it.

#[path = "../../report/tests/sample/mod.rs"]
mod sample;

use std::process::ExitCode;
use tidegate_audit::Level;
use tidegate_pdf::{PdfOptions, write};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [findings, file] = arguments.as_slice() else {
        eprintln!("usage: many FINDINGS FILE");
        return ExitCode::FAILURE;
    };
    let findings = findings.parse().unwrap_or(1000);
    let mut document = sample::document();
    if let Some(section) = document.sections.iter_mut().find(|section| section.id == "findings") {
        section.sections = (0..findings).map(|at| sample::large(at, Level::ALL[at % 5])).collect();
    }
    match write(&document, &PdfOptions::default()).map(|pdf| std::fs::write(file, pdf)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
