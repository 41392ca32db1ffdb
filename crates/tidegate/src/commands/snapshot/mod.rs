//! `tidegate snapshot`: the state of a cloud's networks, fetched read-only.

mod progress;
mod summary;

use crate::cli::{AwsArgs, SnapshotArgs, SnapshotOf};
use crate::exit::Exit;
use crate::print;
use anyhow::Result;
use progress::Bar;
use std::sync::Arc;
use tidegate_collect::Watch;
use tidegate_collect::aws::{self, Options, Whose};

/// Runs the command.
pub fn run(args: SnapshotArgs) -> Result<Exit> {
    match args.of {
        SnapshotOf::Aws(args) => of_aws(args),
    }
}

fn of_aws(args: AwsArgs) -> Result<Exit> {
    let whose = if args.organization {
        Whose::Organisation
    } else if args.account.is_empty() {
        Whose::Own
    } else {
        Whose::Accounts(args.account)
    };
    let options = Options {
        output: args.output.unwrap_or_default(),
        resume: args.resume,
        profile: args.profile,
        regions: args.region,
        whose,
        role: args.role,
        external_id: args.external_id,
        at_once: args.jobs.map_or(32, std::num::NonZeroUsize::get),
    };
    if args.print_policy {
        print::result(&format!("{:#}\n", aws::policy(&options)), args.color.into())?;
        return Ok(Exit::Clean);
    }
    let bar = Arc::new(Bar::start(!args.quiet));
    let watch: Arc<dyn Watch> = bar.clone();
    let outcome = aws::snapshot(&options, &watch);
    bar.stop();
    let outcome = outcome?;
    if !args.quiet {
        print::result(&summary::text(&options.output, &outcome), args.color.into())?;
    }
    Ok(if outcome.snapshot.complete { Exit::Clean } else { Exit::Incomplete })
}
