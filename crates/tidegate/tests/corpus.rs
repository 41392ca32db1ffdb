//! Every file of the fuzz corpus, through the very functions that the fuzz targets call: whatever once went wrong
//! stays right.

use std::path::Path;

#[path = "../../../fuzz/src/model.rs"]
mod model;
#[path = "../../../fuzz/src/targets.rs"]
mod targets;

fn replay(name: &str) {
    let target = targets::ALL.iter().find(|(known, _)| *known == name).expect("a target").1;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    let mut failed = Vec::new();
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        if std::panic::catch_unwind(|| target(&bytes)).is_err() {
            failed.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    assert!(failed.is_empty(), "{name}: {} of {}: {}", failed.len(), paths.len(), failed.join(", "));
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$(stringify!($name)),*];
            assert_eq!(targets::ALL.map(|(name, _)| name), replayed);
        }
    };
}

targets! { template_yaml template_json dump reach answers archive program project assembly output config baseline reviews marks parameters space report_template report earlier }
