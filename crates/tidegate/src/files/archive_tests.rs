use super::*;
use std::io::Write as _;
use zip::write::SimpleFileOptions;

const GROUPS: &str = r#"{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": []}]}"#;

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Paths of what was kept, and what was skipped with the reason.
fn unpacked(name: &str, bytes: &[u8], named: bool, file_bytes: u64) -> (Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let on_disk = folder.path().join(name);
    std::fs::write(&on_disk, bytes).unwrap();
    let unpacked = unpack(vec![Archive { shown: format!("in/{name}"), on_disk, named }], file_bytes);
    let mut files: Vec<String> = unpacked.files.keys().map(ToString::to_string).collect();
    files.sort();
    let skipped = unpacked.skipped.into_iter().map(|one| {
        assert_eq!(one.named, named);
        format!("{}: {}", one.path, one.reason)
    });
    (files, skipped.collect())
}

#[test]
fn members_are_files_below_their_archive() {
    let zip = zip_of(&[
        ("eu-west-1/sg.json", GROUPS.as_bytes()),
        ("./x//y.json", GROUPS.as_bytes()),
        ("other.json", b"{}"),
        ("code.py", b"import aws_cdk"),
        ("__MACOSX/._sg.json", b"\0"),
        ("groups", GROUPS.as_bytes()),
    ]);
    let (files, skipped) = unpacked("d.zip", &zip, false, 1 << 20);
    assert_eq!(
        (&files[..], skipped.len()),
        (&["in/d.zip/eu-west-1/sg.json".to_owned(), "in/d.zip/x/y.json".to_owned()][..], 0)
    );
    assert!(unpacked("d.zip", &zip, true, 1 << 20).0.contains(&"in/d.zip/groups".to_owned()));
    let (files, skipped) = unpacked("sg.json.gz", &gzip_of(GROUPS.as_bytes()), false, 1 << 20);
    assert_eq!((&files[..], skipped.len()), (&["in/sg.json.gz/sg.json".to_owned()][..], 0));
}

#[test]
fn no_name_leads_out_of_the_archive() {
    let zip = zip_of(&[("../../etc/a.json", GROUPS.as_bytes()), ("/abs/b.json", GROUPS.as_bytes())]);
    let (files, _) = unpacked("d.zip", &zip, false, 1 << 20);
    assert_eq!(files, ["in/d.zip/_/_/etc/a.json", "in/d.zip/abs/b.json"]);
}

#[test]
fn what_unpacks_to_too_much_is_skipped_and_the_rest_is_read() {
    let mut bomb = GROUPS.as_bytes().to_vec();
    bomb.resize(3 << 20, b' ');
    let zip = zip_of(&[("bomb.json", &bomb), ("sg.json", GROUPS.as_bytes())]);
    let (files, skipped) = unpacked("d.zip", &zip, false, 1 << 20);
    assert_eq!(files, ["in/d.zip/sg.json"]);
    assert_eq!(skipped, ["in/d.zip/bomb.json: is larger than 1 MiB, the limit for one file"]);
    assert!(unpacked("b.json.gz", &gzip_of(&bomb), false, 1 << 20).1[0].contains("larger than 1 MiB"));
    let many: Vec<String> = (0..=MEMBERS).map(|index| format!("{index}.json")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"{}"[..])).collect();
    let (_, skipped) = unpacked("d.zip", &zip_of(&many), false, 64 << 20);
    assert!(skipped[0].contains("more than 10000 files"), "{skipped:?}");
}

#[test]
fn all_archives_of_a_run_share_one_limit() {
    let mut unpacker =
        Unpacker { file_bytes: 1 << 20, left: 100, unpacked: Unpacked::default(), buffer: vec![] };
    let archive = Archive { shown: "a.zip".into(), on_disk: "a.zip".into(), named: false };
    assert!(unpacker.member(&archive, "a.zip/1".into(), GROUPS.as_bytes()).is_ok());
    let error = unpacker.member(&archive, "a.zip/2".into(), GROUPS.as_bytes()).unwrap_err();
    assert!(error.contains("512 MiB"), "{error}");
    assert_eq!((unpacker.left, unpacker.unpacked.files.len()), (0, 1));
}

#[test]
fn what_cannot_be_unpacked_says_why() {
    let nested = zip_of(&[("in.zip", &zip_of(&[("sg.json", GROUPS.as_bytes())]))]);
    assert!(unpacked("d.zip", &nested, false, 1 << 20).1[0].contains("archive in an archive"));
    assert!(
        unpacked("d.zip", b"PK\x03\x04 no archive", true, 1 << 20).1[0]
            .contains("in/d.zip: cannot be unpacked")
    );
    assert!(unpacked("x.json.gz", b"no gzip", true, 1 << 20).1[0].contains("cannot be unpacked"));
    let twice = zip_of(&[("a/b.json", GROUPS.as_bytes()), ("a//b.json", GROUPS.as_bytes())]);
    assert!(unpacked("d.zip", &twice, false, 1 << 20).1[0].contains("twice"));
    assert!(unpacked("d.zip", &zip_of(&[("x.json", b"\0\x01")]), false, 1 << 20).1[0].contains("not text"));
    let mut encrypted = zip_of(&[("sg.json", GROUPS.as_bytes())]);
    // The flag of encryption, in the header before the member and in the directory.
    let (local, central) = (0, memchr::memmem::find(&encrypted, b"PK\x01\x02").expect("a directory"));
    encrypted[local + 6] |= 1;
    encrypted[central + 8] |= 1;
    let (files, skipped) = unpacked("d.zip", &encrypted, true, 1 << 20);
    assert!(files.is_empty() && skipped[0].contains("is encrypted"), "{skipped:?}");
}
