//! `tidegate snapshot`: the state of a cloud's networks, fetched read-only.

mod progress;
mod summary;

use crate::cli::{AwsArgs, AzureArgs, GcpArgs, SnapshotArgs, SnapshotOf, TakingArgs};
use crate::exit::Exit;
use crate::print;
use anyhow::Result;
use progress::Bar;
use std::sync::Arc;
use tidegate_collect::{Outcome, Taking, Watch, aws, azure, gcp};

/// Runs the command.
pub fn run(args: SnapshotArgs) -> Result<Exit> {
    match args.of {
        SnapshotOf::Aws(args) => of_aws(args),
        SnapshotOf::Azure(args) => of_azure(args),
        SnapshotOf::Gcp(args) => of_gcp(args),
    }
}

fn of_aws(args: AwsArgs) -> Result<Exit> {
    let whose = if args.organization {
        aws::Whose::Organisation
    } else if args.account.is_empty() {
        aws::Whose::Own
    } else {
        aws::Whose::Accounts(args.account)
    };
    let options = aws::Options {
        into: taking(&args.taking),
        profile: args.profile,
        regions: args.region,
        whose,
        role: args.role,
        external_id: args.external_id,
    };
    take(&args.taking, || aws::policy(&options), |watch| aws::snapshot(&options, watch))
}

fn of_azure(args: AzureArgs) -> Result<Exit> {
    let options = azure::Options {
        into: taking(&args.taking),
        subscriptions: args.subscription,
        endpoint: args.endpoint,
    };
    take(&args.taking, || azure::policy(&options), |watch| azure::snapshot(&options, watch))
}

fn of_gcp(args: GcpArgs) -> Result<Exit> {
    let whose = if !args.organization.is_empty() || !args.folder.is_empty() {
        gcp::Whose::Below { organisations: args.organization, folders: args.folder }
    } else if args.project.is_empty() {
        gcp::Whose::Seen
    } else {
        gcp::Whose::Projects(args.project)
    };
    let options = gcp::Options { into: taking(&args.taking), whose, endpoint: args.endpoint };
    take(&args.taking, || gcp::policy(&options), |watch| gcp::snapshot(&options, watch))
}

fn taking(args: &TakingArgs) -> Taking {
    Taking {
        output: args.output.clone().unwrap_or_default(),
        resume: args.resume,
        at_once: args.jobs.map_or(32, std::num::NonZeroUsize::get),
    }
}

/// Prints the policy, or takes the snapshot and tells what it holds.
fn take(
    args: &TakingArgs,
    policy: impl FnOnce() -> serde_json::Value,
    snapshot: impl FnOnce(&Arc<dyn Watch>) -> Result<Outcome>,
) -> Result<Exit> {
    if args.print_policy {
        print::result(&format!("{:#}\n", policy()), args.color.into())?;
        return Ok(Exit::Clean);
    }
    let bar = Arc::new(Bar::start(!args.quiet));
    let watch: Arc<dyn Watch> = bar.clone();
    let outcome = snapshot(&watch);
    bar.stop();
    let outcome = outcome?;
    if !args.quiet {
        let output = args.output.as_deref().unwrap_or(std::path::Path::new(""));
        print::result(&summary::text(output, &outcome), args.color.into())?;
    }
    Ok(if outcome.snapshot.complete { Exit::Clean } else { Exit::Incomplete })
}
