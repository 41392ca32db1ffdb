//! The project's own chores: `cargo xtask <chore>`. One file per chore; this one only chooses.

mod bench;
mod debian;
mod fuzz;
mod generate;
mod oracle;
mod pages;
mod test;
mod tools;
mod venv;

use clap::{Parser, Subcommand};

/// The allocator of the program, for both sides of a comparison.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "xtask", about = "The project's own chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measure scans, next to what others need for the same input
    Bench(bench::Arguments),
    /// Run the fuzz targets, each from its corpus
    Fuzz(fuzz::Arguments),
    /// Rebuild the committed data that come from other people's packages
    Generate(generate::Arguments),
    /// Synthesize the programs of tests/oracle with the vendor's library and compare
    Oracle(oracle::Arguments),
    /// Set up what the tests need and run all of them
    Test(test::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::Generate(arguments) => generate::run(&arguments),
        Chore::Oracle(arguments) => oracle::run(&arguments),
        Chore::Test(arguments) => test::run(&arguments),
    }
}

/// The folder of the workspace.
fn root() -> &'static std::path::Path {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(std::path::Path::new("."))
}
