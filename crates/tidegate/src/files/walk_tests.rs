use super::super::DiskFiles;
use super::*;
use tidegate_read::{FileError, Files as _};

fn options() -> WalkOptions {
    WalkOptions { ignore_files: true, hidden: false, exclude: vec![], jobs: 2, file_bytes: 1 << 20 }
}

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn walked(folder: &tempfile::TempDir, named: &[&str]) -> Walk {
    let named: Vec<PathBuf> = named.iter().map(|path| folder.path().join(path)).collect();
    walk(&Root::find(&named[0]), &named, &options(), &AtomicUsize::new(0)).unwrap()
}

fn disk(folder: &tempfile::TempDir, named: &[&str]) -> DiskFiles {
    DiskFiles::new(Root::find(&folder.path().join(named[0])), walked(folder, named), 1 << 20)
}

const TEMPLATE: &str = "Resources: {G: {Type: 'AWS::EC2::SecurityGroup'}}";

#[test]
fn candidates_come_sorted_and_once() {
    let folder = tree(&[
        ("b/app.py", "import aws_cdk"),
        ("a/t.yaml", TEMPLATE),
        ("a/data.json", "{}"),
        ("a/helper.py", "X = 1"),
        ("cdk.json", "{}"),
        ("notes.txt", "aws_cdk"),
    ]);
    let walk = walked(&folder, &[".", "a", "b/app.py"]);
    assert_eq!(
        walk.paths.iter().map(|p| &**p).collect::<Vec<_>>(),
        ["a/helper.py", "a/t.yaml", "b/app.py", "cdk.json"]
    );
    assert!(walk.quiet.contains("a/helper.py") && !walk.quiet.contains("b/app.py"));
    assert!(walk.skipped.is_empty());
}

#[test]
fn build_output_and_third_party_code_are_read_only_when_named() {
    let folder = tree(&[
        ("app.py", "import aws_cdk"),
        ("cdk.out/S.template.json", TEMPLATE),
        ("node_modules/x/t.yaml", TEMPLATE),
        ("env/pyvenv.cfg", ""),
        ("env/lib/t.yaml", TEMPLATE),
        (".venv/lib/t.yaml", TEMPLATE),
        ("lib/site-packages/t.yaml", TEMPLATE),
        (".hidden/t.yaml", TEMPLATE),
    ]);
    assert_eq!(walked(&folder, &["."]).paths.len(), 1);
    assert_eq!(walked(&folder, &["cdk.out"]).paths.len(), 1);
    assert_eq!(walked(&folder, &["env/lib", ".venv", ".hidden"]).paths.len(), 3);
    assert_eq!(walked(&folder, &["node_modules/x/t.yaml"]).paths.len(), 1);
}

#[test]
fn naming_reaches_into_build_output_only_from_the_closed_folder_on() {
    let folder = tree(&[("app/cdk.out/S.template.json", TEMPLATE), ("app/app.py", "aws_cdk")]);
    assert!(!disk(&folder, &["app"]).named("app/cdk.out/S.template.json"));
    assert!(disk(&folder, &["app/cdk.out"]).named("app/cdk.out/S.template.json"));
    assert!(disk(&folder, &["app/cdk.out"]).named("app/cdk.out/deep/x.json"));
    assert!(disk(&folder, &["app/cdk.out/S.template.json"]).named("app/cdk.out/S.template.json"));
    assert!(!disk(&folder, &["."]).named("other/manifest.json"));
}

#[test]
fn ignored_files_stay_out_unless_asked_for() {
    let folder = tree(&[(".gitignore", "gen/\n"), ("gen/t.yaml", TEMPLATE), ("t.yaml", TEMPLATE)]);
    assert_eq!(walked(&folder, &["."]).paths.len(), 1);
    let all = WalkOptions { ignore_files: false, ..options() };
    let named = [folder.path().to_path_buf()];
    assert_eq!(walk(&Root::find(&named[0]), &named, &all, &AtomicUsize::new(0)).unwrap().paths.len(), 2);
    let none = WalkOptions { exclude: vec!["/t.*".into()], ..options() };
    assert!(walk(&Root::find(&named[0]), &named, &none, &AtomicUsize::new(0)).unwrap().paths.is_empty());
}

#[test]
fn a_named_file_is_a_candidate_whatever_its_ending_and_content() {
    let folder = tree(&[("infra.txt", "nothing here")]);
    let walk = walked(&folder, &["infra.txt"]);
    assert_eq!(&*walk.paths[0], "infra.txt");
    assert!(walk.read.contains_key("infra.txt"));
}

#[test]
fn named_paths_that_cannot_be_read_are_told_apart_from_walked_ones() {
    let folder = tree(&[("big.yaml", &format!("{TEMPLATE}{}", " ".repeat(2 << 20))), ("bin.py", "\0")]);
    let walk = walked(&folder, &[".", "gone.py"]);
    let seen: Vec<_> = walk.skipped.iter().map(|s| (s.path.as_str(), s.named)).collect();
    assert_eq!(seen, [("big.yaml", false), ("bin.py", false), ("gone.py", true)]);
    assert!(walk.skipped.iter().all(|s| !s.reason.is_empty()));
}

#[cfg(unix)]
#[test]
fn pipes_and_link_loops_never_block_a_run() {
    use std::os::unix::fs::symlink;
    let folder = tree(&[("app.py", "import aws_cdk")]);
    let pipe = folder.path().join("pipe.py");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink(folder.path(), folder.path().join("again")).unwrap();
    symlink("loop.py", folder.path().join("loop.py")).unwrap();
    let walk = walked(&folder, &[".", "pipe.py", "loop.py"]);
    assert_eq!(walk.paths.len(), 1);
    let seen: Vec<_> = walk.skipped.iter().map(|s| (s.path.as_str(), s.named)).collect();
    assert_eq!(seen, [("loop.py", true), ("pipe.py", false), ("pipe.py", true)]);
    assert!(walk.skipped.iter().any(|s| s.reason.contains("pipe")));
    // An import that leads to the pipe must not block either.
    assert!(matches!(disk(&folder, &["app.py"]).bytes("pipe.py"), Err(FileError::Unreadable(_))));
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_named_with_its_reason() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tree(&[("shut/app.py", "import aws_cdk"), ("app.py", "import aws_cdk")]);
    let shut = folder.path().join("shut");
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o0)).unwrap();
    let walk = walked(&folder, &["."]);
    let root_can_read_all = std::fs::read_dir(&shut).is_ok();
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o755)).unwrap();
    if root_can_read_all {
        assert_eq!(walk.paths.len(), 2);
    } else {
        assert_eq!(walk.skipped.len(), 1);
        assert_eq!(walk.skipped[0].path, "shut");
        assert!(walk.skipped[0].reason.contains("permission"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_read_under_a_readable_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tree(&[]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.py");
    std::fs::write(folder.path().join(name), "import aws_cdk").unwrap();
    let files = disk(&folder, &["."]);
    assert_eq!(&*files.list()[0], "caf\\xe9.py");
    assert_eq!(&*files.bytes("caf\\xe9.py").unwrap(), b"import aws_cdk");
}

#[cfg(unix)]
#[test]
fn text_in_a_file_cannot_lead_out_of_the_root() {
    let outside = tree(&[("secret.py", "KEY = 1")]);
    let folder = tree(&[("app/app.py", "import aws_cdk"), ("lib.py", "X = 1")]);
    std::os::unix::fs::symlink(outside.path().join("secret.py"), folder.path().join("app/link.py")).unwrap();
    let files = disk(&folder, &["app"]);
    assert!(files.bytes("lib.py").is_ok());
    let secret = outside.path().join("secret.py");
    for way in ["app/link.py", secret.to_str().unwrap(), "../../../../../../etc/passwd", "gone.py", "app"] {
        assert_eq!(files.bytes(way).unwrap_err(), FileError::Missing, "{way}");
    }
}
