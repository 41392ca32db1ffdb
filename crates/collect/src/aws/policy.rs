//! The permissions that a snapshot takes.

use super::calls::{CALLS, SCOUTING};
use super::run::{Options, Whose};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The least IAM policy for a snapshot with these options: for the credentials, and, where roles are taken on in other
/// accounts, the same without the last statement for those roles.
///
/// None of these calls can be limited to some things ("Actions, resources, and condition keys", Service Authorization
/// Reference), save taking on a role.
pub fn policy(options: &Options) -> Value {
    let scouting = SCOUTING.into_iter().filter(|(service, operation)| match *operation {
        "DescribeRegions" => options.regions.is_empty(),
        "ListAccounts" => options.whose == Whose::Organisation,
        // Whoever has credentials may ask whose they are.
        _ => *service != "sts",
    });
    let actions: BTreeSet<String> = CALLS
        .iter()
        .map(|call| (call.service, call.operation))
        .chain(scouting)
        .map(|(service, operation)| format!("{service}:{operation}"))
        .collect();
    let mut statements =
        vec![json!({ "Sid": "TidegateReads", "Effect": "Allow", "Action": actions, "Resource": "*" })];
    if let Some(role) = &options.role {
        let arn = |account: &str| format!("arn:*:iam::{account}:role/{}", role.trim_start_matches('/'));
        let roles: Vec<String> = match &options.whose {
            Whose::Accounts(accounts) => accounts.iter().map(|account| arn(account)).collect(),
            _ => vec![arn("*")],
        };
        statements.push(json!({
            "Sid": "TidegateTakesOnRoles", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles,
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}
