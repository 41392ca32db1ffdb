//! What CDK programs mean where no synthesized template can say it: code that is never run, values that
//! nobody can know, several programs at once.

mod egress;
mod meanings;
mod places;

use egress::groups;
use tidegate_estate::{Argument, Estate};
use tidegate_read::{MemoryFiles, Options, Reading, read};

/// Reads these files.
fn read_files(files: &[(&str, &str)]) -> Reading {
    read(&MemoryFiles::new(files.iter().copied()), &Options::default())
}

/// The start of a program with one stack `s` and one VPC `v` in it.
const HEAD: &str = "import os\nimport aws_cdk as cdk\nfrom aws_cdk import aws_ec2 as ec2\napp = cdk.App()\ns = cdk.Stack(app, 'S')\nv = ec2.Vpc.from_lookup(s, 'V', is_default=True)\n";

/// Each group of a program that goes on from [`HEAD`], one line each.
#[track_caller]
fn program(body: &str) -> Vec<String> {
    groups(&read_files(&[("app.py", &format!("{HEAD}{body}"))]).estates)
}

/// The direct calls of one file, by what is written in each.
fn calls(text: &str) -> Vec<&'static str> {
    calls_of(&read_files(&[("app.py", text)]).estates)
}

fn calls_of(estates: &[Estate]) -> Vec<&'static str> {
    let calls = estates.iter().flat_map(|estate| &estate.direct_calls);
    calls
        .map(|call| match call.argument {
            Argument::Omitted => "omitted",
            Argument::True { .. } => "true",
            Argument::Other => "other",
            Argument::Unknown(_) => "unknown",
        })
        .collect()
}
