//! `tidegate reach` on answers of the gcloud CLI, as users run it.

mod common;

use common::{copied, root};
use std::path::Path;
use std::process::{Command, Stdio};

const NETWORK: &str = "examples/gcp-network";

#[track_caller]
fn told(folder: &Path, arguments: &[&str], status: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.arg("reach").arg(folder).args(arguments).current_dir(root()).stdin(Stdio::null());
    let output = command.env_remove("NO_COLOR").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn line<'t>(text: &'t str, name: &str) -> &'t str {
    text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {text}"))
}

/// The example without one of its files.
fn without(file: &str) -> tempfile::TempDir {
    let folder = copied(NETWORK);
    std::fs::remove_file(folder.path().join(file)).unwrap();
    folder
}

#[test]
fn the_table_tells_who_goes_out_through_what() {
    let text = told(Path::new(NETWORK), &[], 0);
    assert!(line(&text, "web-1").contains("tcp/443"), "{text}");
    assert!(line(&text, "web-1").ends_with("  default-internet-gateway"), "{text}");
    assert!(line(&text, "app-1").ends_with("prod-router/app-nat → default-internet-gateway"), "{text}");
    assert!(
        line(&text, "orders-db").ends_with("–     –                                         –"),
        "{text}"
    );
    assert!(text.contains("2 of 3 interfaces can reach the Internet."), "{text}");
    // Nothing in the table is only possible; what Google may block anywhere is told all the same.
    assert!(!text.contains('~') && text.contains("outbound TCP port 25"), "{text}");
}

#[test]
fn questions_are_answered_gate_by_gate() {
    let folder = Path::new(NETWORK);
    let text = told(folder, &["--from", "web-1", "--to", "1.1.1.1:22"], 0);
    assert!(text.contains("web-nothing-else denies it"), "{text}");
    let text = told(folder, &["--from", "orders-db", "--to", "1.1.1.1:443"], 0);
    assert!(text.contains("default-route-internet") && !text.contains("arrives on"), "{text}");
    let text = told(folder, &["--from", "orders-db", "--to", "app-1:3128"], 1);
    for part in ["the implied rule allows", "10.30.1.0/24 is a subnet's", "proxy-from-inside allows it"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = told(folder, &["--from", "app-1", "--to", "orders-db:22"], 0);
    assert!(text.contains("firewall there prod: the implied rule denies"), "{text}");
}

#[test]
fn what_a_file_less_leaves_open_is_told_with_the_command_that_decides_it() {
    for (file, command) in [
        ("routers.json", "gcloud compute routers list"),
        ("routes.json", "gcloud compute routes list"),
        ("policy-based-routes.json", "policy-based-routes list"),
        ("networks.json", "gcloud compute networks list"),
    ] {
        let folder = without(file);
        let text = told(folder.path(), &[], 0);
        assert!(line(&text, "app-1").contains('~'), "{file}: {text}");
        assert!(text.contains("“~” is possible") && text.contains(command), "{file}: {text}");
    }
}
