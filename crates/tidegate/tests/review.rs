//! `tidegate review` as users run it: lists, settings, the dialog in a terminal, and merges of branches.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const OPEN: &str = "\
Resources:
  One:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: one}
  Two:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: two}
  Three:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: three}
";
const TODAY: &str = "1780000000"; // 2026-05-28
const REVIEWS: &str = ".tidegate/reviews.toml";

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("web.yaml"), OPEN).unwrap();
        let project = Self(folder);
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project.git(&["config", "user.name", "Ann Author"]);
        project.git(&["config", "user.email", "ann@example.com"]);
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.env("SOURCE_DATE_EPOCH", TODAY).env_remove("NO_COLOR");
        clean(&mut command);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}\n{}", text(&output.stderr));
        text(&output.stdout)
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{}", text(&output.stdout));
        text(&output.stderr)
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        clean(&mut command);
        let output = command.output().expect("git");
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}\n{shown}");
        shown
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "x"]);
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    fn scan(&self) -> serde_json::Value {
        let output = self.run(&["scan", "--format", "json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Fingerprint of the finding about a policy.
    fn print(&self, subject: &str) -> String {
        self.finding(subject)["fingerprint"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn finding(&self, subject: &str) -> serde_json::Value {
        let scan = self.scan();
        let findings = scan["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["subjects"][0]["path"] == subject).expect(subject).clone()
    }

    fn status(&self, subject: &str) -> String {
        self.finding(subject)["status"].as_str().unwrap().to_owned()
    }

    fn set(&self, subject: &str, status: &str, more: &[&str]) {
        let setting = format!("{}={status}", self.print(subject));
        let mut arguments = vec!["review", "--set", &setting, "--because", "looked at"];
        arguments.extend(more);
        self.ok(&arguments);
    }
}

/// No settings of the machine that runs the test.
fn clean(command: &mut Command) {
    for key in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"] {
        command.env_remove(key);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn without_a_terminal_it_lists_what_awaits_a_decision() {
    let project = Project::new();
    let listed = project.ok(&["review"]);
    assert!(listed.contains("open-egress-by-default  One"), "{listed}");
    assert!(listed.contains("web.yaml:2:3") && listed.contains("3 findings await a decision"), "{listed}");
    project.set("One", "safe", &[]);
    let listed = project.ok(&["review"]);
    assert!(!listed.contains("  One\n") && listed.contains("2 findings await"), "{listed}");
    assert_eq!(project.ok(&["review", "--select", "ignored-egress-rule"]), "Nothing awaits a decision.\n");
}

#[test]
fn what_is_decided_no_longer_fails_a_scan_but_is_shown_with_who_when_and_why() {
    let project = Project::new();
    project.set("One", "safe", &["--sensitive", "no", "--private", "no"]);
    project.set("Two", "acknowledged", &["--until", "2026-12-31", "--by", "Bob"]);
    assert_eq!(project.run(&["scan"]).status.code(), Some(1));
    project.set("Three", "safe", &[]);
    let output = project.run(&["scan"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("safe: Ann Author on 2026-05-28: looked at"), "{shown}");
    assert!(shown.contains("acknowledged: Bob on 2026-05-28, until 2026-12-31: looked at"), "{shown}");
    assert!(shown.contains("0 findings, 3 decided in 1 file"), "{shown}");
    let one = project.finding("One");
    assert_eq!(one["decision"]["who"], "Ann Author");
    assert_eq!(one["decision"]["sensitive_data"], false);
    assert_eq!(one["rating"]["risk"], "informational");
    assert_eq!(project.finding("Two")["decision"]["until"], "2026-12-31");
    let sarif: serde_json::Value =
        serde_json::from_slice(&project.run(&["scan", "--format", "sarif"]).stdout).unwrap();
    let suppression = &sarif["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["status"]), (&"external".into(), &"accepted".into()));
}

#[test]
fn a_decision_falls_when_more_gets_out_and_when_its_time_is_over() {
    let project = Project::new();
    project.set("One", "safe", &[]);
    project.set("Two", "acknowledged", &["--until", "2026-06-30"]);
    project.set("Three", "fixed", &[]);
    let egress =
        "SecurityGroupEgress: [{IpProtocol: -1, CidrIp: 0.0.0.0/0}, {IpProtocol: -1, CidrIpv6: '::/0'}]";
    let wider = OPEN.replace("{GroupDescription: one}", &format!("{{GroupDescription: one, {egress}}}"));
    let output = project.run(&["scan"]);
    assert!(text(&output.stderr).contains("decided as fixed, but still found"), "{}", text(&output.stderr));
    assert_eq!((project.status("One"), project.status("Two")), ("safe".into(), "acknowledged".into()));
    std::fs::write(project.path().join("web.yaml"), wider).unwrap();
    assert_eq!(project.status("One"), "to-review");
    let output = project.command(&["scan"]).env("SOURCE_DATE_EPOCH", "1790000000").output().unwrap();
    let told = text(&output.stderr);
    assert!(told.contains("expired") && told.contains("Two (until 2026-06-30)"), "{told}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn decisions_are_listed_taken_back_and_dropped_when_nothing_matches_them() {
    let project = Project::new();
    project.set("One", "safe", &[]);
    project.set("Two", "safe", &[]);
    assert!(project.ok(&["review", "--list"]).contains("holds  open-egress-by-default  One"));
    project.ok(&["review", "--remove", &project.print("One")[..8]]);
    assert_eq!(project.status("One"), "to-review");
    assert!(project.ok(&["review", "--list"]).contains("taken back  open-egress-by-default  One"));
    std::fs::write(project.path().join("web.yaml"), OPEN.replace("  Two:", "  Second:")).unwrap();
    let told = text(&project.run(&["scan"]).stderr);
    assert!(told.contains("match no finding any more") && told.contains("Two"), "{told}");
    assert!(!text(&project.run(&["scan", "web.yaml"]).stderr).contains("match no finding"), "a part only");
    assert!(project.refused(&["review", "web.yaml", "--prune"]).contains("all of the project"));
    project.ok(&["review", "--prune"]);
    assert_eq!(project.ok(&["review", "--list"]), "Nothing is decided yet.\n");
    assert!(text(&project.run(&["scan"]).stderr).is_empty());
}

#[test]
fn what_cannot_be_decided_is_refused_and_nothing_is_written() {
    let project = Project::new();
    let one = format!("{}=safe", project.print("One"));
    assert!(project.refused(&["review", "--set", &one]).contains("--because"));
    assert!(project.refused(&["review", "--set", &one, "--because", " "]).contains("--because"));
    let late = ["review", "--set", &one, "--because", "x", "--until", "2026-05-27"];
    assert!(project.refused(&late).contains("over already"));
    assert!(
        project.refused(&["review", "--set", &one, "--because", "x", "--until", "soon"]).contains("soon")
    );
    assert!(project.refused(&["review", "--set", "=safe", "--because", "x"]).contains("give more of it"));
    let several = ["review", "--set", &one, "--set", "0000000000=safe", "--because", "x"];
    assert!(project.refused(&several).contains("no finding of this scan"));
    assert!(project.refused(&["review", "--remove", "00"]).contains("no decision"));
    assert!(project.refused(&["review", "--set", "00=fine"]).contains("no decision"));
    assert!(!project.path().join(REVIEWS).exists());
}

#[test]
fn a_file_with_entries_that_cannot_be_read_is_not_written_over() {
    let project = Project::new();
    project.set("One", "safe", &[]);
    let broken = project.read(REVIEWS).replace("status = \"safe\"", "status = \"fine\"");
    std::fs::write(project.path().join(REVIEWS), &broken).unwrap();
    let told = text(&project.run(&["scan"]).stderr);
    assert!(told.contains("`fine` is no status"), "{told}");
    assert_eq!(project.status("One"), "to-review");
    let two = format!("{}=safe", project.print("Two"));
    assert!(project.refused(&["review", "--set", &two, "--because", "x"]).contains("would be lost"));
    assert_eq!(project.read(REVIEWS), broken);
    std::fs::write(project.path().join(REVIEWS), "<<<<<<< HEAD\n").unwrap();
    assert!(project.refused(&["scan"]).contains("reviews.toml:1"));
}

#[test]
fn deceptive_characters_in_a_reason_are_written_as_escapes_and_read_back() {
    let project = Project::new();
    let setting = format!("{}=safe", project.print("One"));
    project.ok(&["review", "--set", &setting, "--because", "a\u{202e}b\u{e0041}\nc"]);
    assert!(project.read(REVIEWS).contains(r"a\u202Eb\U000E0041\nc"));
    assert_eq!(project.finding("One")["decision"]["why"], "a\u{202e}b\u{e0041}\nc");
}

/// Two branches from one commit, each with its own changes, merged.
fn merged(before: impl Fn(&Project), ours: impl Fn(&Project), theirs: impl Fn(&Project)) -> Project {
    let project = Project::new();
    before(&project);
    project.commit();
    project.git(&["checkout", "--quiet", "-b", "theirs"]);
    theirs(&project);
    project.commit();
    project.git(&["checkout", "--quiet", "main"]);
    ours(&project);
    project.commit();
    project.git(&["merge", "--quiet", "--no-edit", "theirs"]);
    project
}

#[test]
fn branches_that_both_make_the_first_decision_merge() {
    let project =
        merged(|_| {}, |ours| ours.set("One", "safe", &[]), |theirs| theirs.set("Two", "acknowledged", &[]));
    assert_eq!((project.status("One"), project.status("Two")), ("safe".into(), "acknowledged".into()));
    assert_eq!(project.status("Three"), "to-review");
    // The next decision tidies: what the merge made is what one person would have written.
    let merged = project.read(REVIEWS);
    project.set("One", "safe", &[]);
    assert_eq!(project.read(REVIEWS).lines().filter(|line| line.contains("fingerprint")).count(), 2);
    assert_eq!(merged.lines().filter(|line| line.contains("fingerprint")).count(), 2);
}

#[test]
fn branches_that_decide_next_to_each_other_merge_whichever_way_round() {
    let names = ["One", "Two", "Three"];
    for first in names {
        for second in names.into_iter().filter(|second| *second != first) {
            let third = names.into_iter().find(|third| *third != first && *third != second).unwrap();
            let project = merged(
                |before| before.set(third, "safe", &[]),
                |ours| ours.set(first, "safe", &[]),
                |theirs| theirs.set(second, "safe", &[]),
            );
            for name in names {
                assert_eq!(project.status(name), "safe", "{name} of {first}, {second}");
            }
        }
    }
}

#[test]
fn branches_that_decide_differently_about_one_finding_merge_into_a_contradiction_that_is_told() {
    let project =
        merged(|_| {}, |ours| ours.set("One", "safe", &[]), |theirs| theirs.set("One", "acknowledged", &[]));
    assert_eq!(project.status("One"), "acknowledged");
    let told = text(&project.run(&["scan"]).stderr);
    assert!(
        told.contains("contradict each other") && told.contains("of one day the stricter counts"),
        "{told}"
    );
    project.set("One", "safe", &[]);
    assert_eq!(project.status("One"), "safe");
    assert!(!text(&project.run(&["scan"]).stderr).contains("contradict"));
}

#[test]
fn a_merge_does_not_bring_back_a_decision_that_was_taken_back() {
    let names = ["One", "Two", "Three"];
    for taken in names {
        let other = names.into_iter().find(|name| *name != taken).unwrap();
        let third = names.into_iter().rfind(|name| *name != taken && *name != other).unwrap();
        let project = merged(
            |before| {
                before.set(taken, "safe", &[]);
                before.set(other, "safe", &[]);
            },
            |ours| drop(ours.ok(&["review", "--remove", &ours.print(taken)])),
            |theirs| {
                theirs.set(other, "acknowledged", &[]);
                theirs.set(third, "safe", &[]);
            },
        );
        assert_eq!(project.status(taken), "to-review", "{taken}");
        assert_eq!(project.status(other), "acknowledged", "{taken}");
        assert_eq!(project.status(third), "safe", "{taken}");
    }
}

#[test]
fn attributes_of_somebody_else_stay() {
    let project = Project::new();
    std::fs::create_dir(project.path().join(".tidegate")).unwrap();
    let attributes = project.path().join(".tidegate/.gitattributes");
    std::fs::write(&attributes, "baseline.json linguist-generated").unwrap();
    project.set("One", "safe", &[]);
    let text = std::fs::read_to_string(&attributes).unwrap();
    assert_eq!(text, "baseline.json linguist-generated\nreviews.toml merge=union\n");
    std::fs::write(&attributes, "reviews.toml -merge\n").unwrap();
    project.set("Two", "safe", &[]);
    assert_eq!(std::fs::read_to_string(&attributes).unwrap(), "reviews.toml -merge\n");
}

#[cfg(unix)]
mod terminal {
    use super::*;
    use rexpect::session::{PtySession, spawn_command};

    fn dialog(project: &Project) -> PtySession {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
        command.args(["review"]).current_dir(project.path());
        command.env("SOURCE_DATE_EPOCH", TODAY).env("TERM", "xterm").env("NO_COLOR", "1");
        clean(&mut command);
        spawn_command(command, Some(20_000)).unwrap()
    }

    fn press(session: &mut PtySession, expected: &str, key: &str) {
        session.exp_string(expected).unwrap();
        // Until the prompt is whole, the program does not read keys.
        session.exp_string("] ").unwrap();
        session.send(key).unwrap();
        session.flush().unwrap();
    }

    fn type_line(session: &mut PtySession, expected: &str, line: &str) {
        session.exp_string(expected).unwrap();
        session.exp_string("? ").unwrap();
        // Enter is a carriage return where keys come one by one.
        session.send(&format!("{line}\r")).unwrap();
        session.flush().unwrap();
    }

    #[test]
    fn the_dialog_asks_both_questions_suggests_and_writes_each_decision() {
        let project = Project::new();
        let mut session = dialog(&project);
        session.exp_string("Finding 1 of 3").unwrap();
        press(&mut session, "hold sensitive data", "n");
        press(&mut session, "in a private network", "n");
        session.exp_string("Two times no: this is probably safe here.").unwrap();
        press(&mut session, "Decision", "?");
        session.exp_string("WHAT IT IS").unwrap();
        press(&mut session, "Decision", "s");
        type_line(&mut session, "Why", "");
        session.exp_string("a decision needs a reason").unwrap();
        type_line(&mut session, "Why", "a lab");
        type_line(&mut session, "Until when", "2020-01-01");
        session.exp_string("2020-01-01 is over already").unwrap();
        type_line(&mut session, "Until when", "2026-12-31");
        session.exp_string("Finding 2 of 3").unwrap();
        // What was decided is on disk before the next question.
        assert_eq!(project.status("One"), "safe");
        press(&mut session, "hold sensitive data", "xk");
        session.exp_string("Finding 3 of 3").unwrap();
        press(&mut session, "hold sensitive data", "y");
        press(&mut session, "in a private network", "u");
        session.exp_string("A yes makes it a risk").unwrap();
        press(&mut session, "Decision", "a");
        type_line(&mut session, "Why", "behind the proxy soon");
        type_line(&mut session, "Until when", "");
        session.exp_string("2 decisions made, 1 left").unwrap();
        session.exp_eof().unwrap();
        let one = project.finding("One");
        assert_eq!(one["decision"]["why"], "a lab");
        assert_eq!(one["decision"]["until"], "2026-12-31");
        assert_eq!(one["decision"]["private_network"], false);
        let three = project.finding("Three");
        assert_eq!(
            (&three["status"], &three["decision"]["who"]),
            (&"acknowledged".into(), &"Ann Author".into())
        );
        assert_eq!(three["decision"]["sensitive_data"], true);
        assert_eq!(three["decision"]["private_network"], serde_json::Value::Null);
        assert_eq!(three["decision"]["until"], serde_json::Value::Null);
        assert_eq!(three["rating"]["cvss"]["environmental"], 4.4);
        assert_eq!(project.status("Two"), "to-review");
    }

    #[test]
    fn leaving_the_dialog_keeps_what_was_decided_and_leaves_nothing_half_written() {
        // Quitting, Ctrl-C at a key, Ctrl-C in a line.
        for (leave, in_line) in [("q", false), ("\u{3}", false), ("\u{3}", true)] {
            let project = Project::new();
            let mut session = dialog(&project);
            press(&mut session, "hold sensitive data", "n");
            press(&mut session, "in a private network", "u");
            press(&mut session, "Decision", "a");
            type_line(&mut session, "Why", "later");
            type_line(&mut session, "Until when", "");
            session.exp_string("Finding 2 of 3").unwrap();
            if in_line {
                press(&mut session, "hold sensitive data", "n");
                press(&mut session, "in a private network", "n");
                press(&mut session, "Decision", "s");
                session.exp_string("Why? ").unwrap();
                session.send(leave).unwrap();
                session.flush().unwrap();
            } else {
                press(&mut session, "hold sensitive data", leave);
            }
            session.exp_eof().unwrap();
            assert_eq!(project.status("One"), "acknowledged");
            assert_eq!(project.status("Two"), "to-review");
            let mut names: Vec<String> = std::fs::read_dir(project.path().join(".tidegate"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            assert_eq!(names, [".gitattributes", "reviews.toml"]);
        }
    }
}
