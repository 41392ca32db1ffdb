//! One function for each target. A target fails by panicking, by hanging, or by giving two answers to one question.

use super::model;
use rayon::ThreadPool;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};
use tidegate::files::{DiskFiles, Root, WalkOptions, walk};
use tidegate::output::{Detail, Format, Run, Time};
use tidegate::positions::Sources;
use tidegate_audit::{AuditOptions, Baseline, Confidence, Config, ReadSources, Report, SourceText};
use tidegate_estate::{Estate, Place};
use tidegate_read::{Files as _, Limits, MemoryFiles, Options, Reading};

/// A target: what it does with its bytes.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const ALL: [(&str, Target); 19] = [
    ("template_yaml", template_yaml),
    ("template_json", template_json),
    ("dump", dump),
    ("reach", reach),
    ("answers", answers),
    ("archive", archive),
    ("program", program),
    ("project", project),
    ("assembly", assembly),
    ("output", output),
    ("config", config),
    ("baseline", baseline),
    ("reviews", reviews),
    ("marks", marks),
    ("parameters", parameters),
    ("space", space),
    ("report_template", report_template),
    ("report", report),
    ("earlier", earlier),
];

/// One CloudFormation template in YAML.
pub fn template_yaml(data: &[u8]) {
    scan(&MemoryFiles::new([("template.yaml", data)]));
}

/// One CloudFormation template in JSON.
pub fn template_json(data: &[u8]) {
    scan(&MemoryFiles::new([("template.json", data)]));
}

/// An archive with dumps: one with members, or one packed file, as its first bytes say.
pub fn archive(data: &[u8]) {
    let name = if data.starts_with(b"\x1f\x8b") { "dump.json.gz" } else { "dump.zip" };
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(name), data).expect("a temporary file can be written");
    let options =
        WalkOptions { ignore_files: false, hidden: false, exclude: Vec::new(), jobs: 1, file_bytes: 1 << 20 };
    let named = [folder.path().to_path_buf()];
    let root = Root::find(&named[0]);
    let read = || walk(&root, &named, &options, &AtomicUsize::new(0)).expect("no globs");
    let (first, second) = (read(), read());
    assert_eq!((&first.paths, &first.skipped), (&second.paths, &second.skipped));
    let below = format!("{name}/");
    let inside = |path: &str| path.starts_with(&below) && path.split('/').all(|part| part != "..");
    assert!(first.paths.iter().all(|path| inside(path)), "{:?}", first.paths);
    let files = DiskFiles::new(root, first, options.file_bytes);
    for path in second.paths {
        let bytes = files.bytes(&path).expect("what was listed has bytes");
        assert!(bytes.len() as u64 <= options.file_bytes, "{path}");
    }
}

/// What a cloud's command line printed: [`files_of`] the bytes, what stands before the first name is `dump.json`.
pub fn dump(data: &[u8]) {
    scan(&files_of("dump.json", data));
}

/// The same, followed through the network: the sets of what leaves an interface, and single packets step by step, agree.
pub fn reach(data: &[u8]) {
    use tidegate_reach::{path::Paths, trace};
    const WORLDS: usize = 4;
    let reading = tidegate_read::read(&files_of("dump.json", data), &Options::default());
    for estate in &reading.estates {
        let some: Vec<_> = estate.network.interfaces.iter().take(6).collect();
        let all = Paths::new(estate, WORLDS).all(&some);
        for (interface, leaving) in some.iter().zip(all) {
            let sets = leaving.exits.iter().take(12).flat_map(|exit| [&exit.set.must, &exit.set.may]);
            let packets = sets.chain([&leaving.groups.may]).filter_map(|set| set.witness());
            for packet in packets {
                let traces = trace::trace(estate, interface, &packet, WORLDS);
                let ends: std::collections::BTreeSet<_> = traces
                    .iter()
                    .filter_map(|trace| Some((trace.to.clone()?, trace.passes == trace::Passes::Yes)))
                    .collect();
                for exit in &leaving.exits {
                    let at = |sure| ends.contains(&(exit.to.clone(), sure));
                    if exit.set.may.contains(&packet) {
                        assert!(
                            at(true) || at(false),
                            "{}: {packet:?} does not get to {:?}",
                            interface.id,
                            exit.to
                        );
                    }
                    if exit.set.must.contains(&packet) {
                        assert!(
                            at(true),
                            "{}: {packet:?} is not certain to get to {:?}",
                            interface.id,
                            exit.to
                        );
                    }
                }
                let there =
                    |to| leaving.exits.iter().any(|exit| exit.to == to && exit.set.may.contains(&packet));
                for (to, _) in ends {
                    assert!(there(to.clone()), "{}: no set has {packet:?} to {to:?}", interface.id);
                }
            }
        }
    }
}

/// An answer of a service of AWS: the first line is the call. What is read can be written and read again.
pub fn answers(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let call = String::from_utf8_lossy(&data[..end]);
    let Some((service, operation)) = call.split_once(':') else { return };
    let Ok(answer) = tidegate_collect::aws::read(service, operation, &data[end + 1..]) else { return };
    let text = serde_json::to_string(&answer).expect("it can be written");
    let again: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).expect("it can be read again");
    assert_eq!(again.len(), answer.len());
    // Names of one answer are said once, so that no later one hides an earlier.
    assert!(answer.keys().all(|name| !name.is_empty() || service != "ec2"));
}

/// One Python program.
pub fn program(data: &[u8]) {
    scan(&MemoryFiles::new([("app.py", data)]));
}

/// A project: [`files_of`] the bytes, what stands before the first name is `app.py`.
pub fn project(data: &[u8]) {
    scan(&files_of("app.py", data));
}

/// A synthesized assembly: [`files_of`] the bytes, what stands before the first name is its manifest.
pub fn assembly(data: &[u8]) {
    scan(&files_of("cdk.out/manifest.json", data));
}

/// Reads, judges, and writes the result in every format.
pub fn output(data: &[u8]) {
    let files = files_of("app.py", data);
    let (reading, report) = scan(&files);
    let sources = Sources::new(&files);
    let run = Run {
        report: &report,
        sources: &sources,
        files: reading.read.len(),
        bytes: data.len() as u64,
        skipped: &[],
        time: Time { start: SystemTime::UNIX_EPOCH, end: SystemTime::UNIX_EPOCH, took: Duration::ZERO },
        detail: Detail::Verbose,
        strict: false,
        width: 100,
    };
    let formats = [
        Format::Text,
        Format::Json,
        Format::Sarif,
        Format::Junit,
        Format::Gitlab,
        Format::Sonarqube,
        Format::Csv,
        Format::Markdown,
    ];
    for format in formats {
        let text = tidegate::output::render(format, &run).expect("a result can be written");
        if matches!(format, Format::Json | Format::Sarif | Format::Gitlab | Format::Sonarqube) {
            let valid = serde_json::from_str::<serde_json::Value>(&text);
            assert!(valid.is_ok(), "{format:?} is no JSON: {valid:?}\n{text}");
        }
        // Escape sequences of our own are the only control characters that a terminal may get to see.
        if format != Format::Text {
            let bad = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
            assert_eq!(bad, None, "{format:?} lets a control character through\n{text}");
        }
    }
    tidegate::output::text::diagnostics(&reading.diagnostics, &sources, Detail::Verbose, 100);
    for finding in &report.findings {
        tidegate::output::explain::render(&run, finding, None);
    }
}

/// A report template: the first byte says which labels stay. Printing it gives the bytes back, and a final rendering
/// holds nothing of the grammar.
pub fn report_template(data: &[u8]) {
    use tidegate_report::template::{Fill, Spot, Template, Values};
    struct All;
    impl Values for All {
        fn value(&self, name: &str, _spot: Spot) -> Option<String> {
            Some(name.split('/').next().unwrap_or_default().replace(['{', '}', '|', '='], ""))
        }
        fn evidence(&self, _shows: &str, _spot: Spot) -> Option<String> {
            Some("![evidence](evidence)".to_owned())
        }
    }
    let Some((first, text)) = data.split_first() else { return };
    let Ok(template) = Template::parse(text) else { return };
    assert_eq!(template.print().as_bytes(), text, "a template loses something by being read");
    let labels = ["AWS", "AZURE", "VPC", "EC2", "GCP"];
    let kept = labels
        .iter()
        .enumerate()
        .filter(|(at, _)| first & (1 << at) != 0)
        .map(|(_, label)| (*label).to_owned());
    let fill = Fill { labels: kept.collect(), count: usize::from(first >> 6), ..Fill::default() };
    template.inspect(&fill);
    if let Ok(rendered) = template.render(&fill, &All) {
        // An author's brace before a piece may happen to stand before an author's equals signs once the piece is gone.
        let may_join = text.windows(2).any(|two| two == b"{{");
        assert!(may_join || !rendered.text.contains("{=="), "a marker is left: {}", rendered.text);
        assert!(rendered.text.is_empty() || rendered.text.ends_with('\n'));
        tidegate_report::markdown::read(&rendered.text, &mut tidegate_report::markdown::no_pictures);
    }
    let draft = Fill { draft: true, ..fill };
    assert!(template.render(&draft, &All).is_ok(), "a draft can always be written");
}

/// A dump, as a whole report in Markdown and HTML.
pub fn report(data: &[u8]) {
    use tidegate_report::data::{About, Data, Inputs, NoOrigins};
    use tidegate_report::write_markdown::{self, Pictures};
    use tidegate_report::{compose, fill, html, redact, texts};
    let files = files_of("dump.json", data);
    let (reading, report) = scan(&files);
    let inputs =
        Inputs { files: reading.read.iter().map(ToString::to_string).collect(), ..Inputs::default() };
    let about = About::default();
    let redactor = redact::Redactor::of(&report, &reading.estates, &inputs.files);
    let other = (redactor.report(&report), redactor.estates(&reading.estates));
    for (report, estates) in [(&report, &reading.estates), (&other.0, &other.1)] {
        let data = Data {
            report,
            estates,
            origins: &NoOrigins,
            inputs: &inputs,
            about: &about,
            retest: None,
            redactor: None,
        };
        let composed = compose::compose(data, &texts::Texts::default(), &fill::Wishes::default());
        let document = composed.expect("our own texts can be filled in").document;
        let page = html::write(&document);
        assert_eq!(page.matches("<script").count(), 1, "a script gets into the page");
        let text = write_markdown::write(&document, &Pictures::Described);
        for written in [&page, &text] {
            let bad = written.chars().find(|c| tidegate_report::escape::is_deceptive(*c) && *c != '\n');
            assert_eq!(bad, None, "a deceptive character gets through");
        }
    }
}

/// The JSON of an earlier run.
pub fn earlier(data: &[u8]) {
    use tidegate_report::data::{About, Data, Inputs, NoOrigins};
    let Ok(earlier) = tidegate_report::retest::Earlier::parse(data) else { return };
    let (inputs, about) = (Inputs::default(), About::default());
    let now = judge(&SAMPLE.1.estates, &Config::default(), &AuditOptions::default(), &NoText);
    let data = Data {
        report: &now,
        estates: &SAMPLE.1.estates,
        origins: &NoOrigins,
        inputs: &inputs,
        about: &about,
        retest: None,
        redactor: None,
    };
    tidegate_report::retest::compare(&earlier, &data);
}

/// `tidegate.toml`.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Config::parse(text) {
        Ok(config) => {
            let report = judge(&SAMPLE.1.estates, &config, &AuditOptions::default(), &NoText);
            assert!(!report.findings.is_empty(), "settings rate findings, they hide none");
        }
        Err(error) => assert!(error.line >= 1 && error.column >= 1, "{error:?}"),
    }
}

/// A baseline file: read, written, read again; and held against findings.
pub fn baseline(data: &[u8]) {
    let Ok(first) = Baseline::parse(data, "baseline.json") else { return };
    let written = first.to_json();
    let second = Baseline::parse(written.as_bytes(), "baseline.json").expect("what was written can be read");
    assert_eq!(written, second.to_json(), "a baseline changes by being read and written");
    let options = AuditOptions { baseline: Some(first), ..AuditOptions::default() };
    judge(&SAMPLE.1.estates, &Config::default(), &options, &NoText);
}

/// Decisions about findings: what was read is written, read again, and the same.
pub fn reviews(data: &[u8]) {
    use tidegate_audit::Reviews;
    let Ok(first) = Reviews::parse(&String::from_utf8_lossy(data), "reviews.toml") else { return };
    let written = first.to_toml();
    let second = Reviews::parse(&written, "reviews.toml").expect("what was written can be read");
    assert_eq!(written, second.to_toml(), "decisions change by being read and written");
    let options = AuditOptions { reviews: second, ..AuditOptions::default() };
    judge(&SAMPLE.1.estates, &Config::default(), &options, &NoText);
}

/// Comments and metadata that mute findings: the findings of a fixed project, whose text is replaced.
pub fn marks(data: &[u8]) {
    struct Replaced(Arc<[u8]>);
    impl SourceText for Replaced {
        fn text(&self, _path: &str) -> Option<Arc<[u8]>> {
            Some(self.0.clone())
        }
        fn read(&self) -> Vec<Arc<str>> {
            SAMPLE.1.read.clone()
        }
    }
    let options = AuditOptions { today: Some("2026-01-31".to_owned()), ..AuditOptions::default() };
    let report = judge(&SAMPLE.1.estates, &Config::default(), &options, &Replaced(data.into()));
    let told = report.findings.len() + report.suppressed.len();
    assert!(told >= 3, "a mark mutes a finding, it does not make it disappear: {report:#?}");
}

/// A CloudFormation parameter file.
pub fn parameters(data: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), data).expect("a temporary file can be written");
    let Ok(parameters) = tidegate::parameters::read(file.path()) else { return };
    let files = MemoryFiles::new([("template.yaml", PARAMETERS)]);
    let options = Options { parameters, ..options() };
    twice(|| tidegate_read::read(&files, &options));
}

/// Operations on packet sets, against one bit for each cell of a small universe.
pub fn space(data: &[u8]) {
    model::check(data);
}

/// Text that is laid out as several files: a line `=== NAME` begins a file, and `first` is the name of what
/// stands before the first such line. Of two with one name the later counts.
fn files_of(first: &str, data: &[u8]) -> MemoryFiles {
    let mut files = vec![(first.to_owned(), Vec::new())];
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b"=== ") {
            Some(name) => files.push((String::from_utf8_lossy(name.trim_ascii()).into_owned(), Vec::new())),
            None => files.last_mut().expect("there is a first file").1.extend_from_slice(line),
        }
    }
    files.retain(|(_, bytes)| !bytes.is_empty());
    files.truncate(16);
    MemoryFiles::new(files)
}

/// Limits that keep one run short, except for nesting, which is that of the program: so is the stack.
fn options() -> Options {
    let limits =
        Limits { file_bytes: 1 << 20, alias_nodes: 10_000, steps: 100_000, worlds: 64, ..Limits::default() };
    let parameters = [("Range", "0.0.0.0/0"), ("Stage", "prod")];
    Options { limits, parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
}

/// Threads with the stack that `tidegate scan` gives to its own.
fn pool(threads: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(64 << 20).build().expect("threads")
}

static ALONE: LazyLock<ThreadPool> = LazyLock::new(|| pool(1));
static TOGETHER: LazyLock<ThreadPool> = LazyLock::new(|| pool(2));

/// What `work` gives on one thread, having seen that it gives the same on two.
fn twice<T: std::fmt::Debug + Send>(work: impl Fn() -> T + Send + Sync) -> T {
    let first = ALONE.install(&work);
    let second = TOGETHER.install(&work);
    let (shown, again) = (format!("{first:?}"), format!("{second:?}"));
    if shown != again {
        let at = shown.bytes().zip(again.bytes()).take_while(|(a, b)| a == b).count();
        let near = |text: &str| {
            let bytes = text.as_bytes();
            let part = &bytes[at.saturating_sub(200)..bytes.len().min(at + 200)];
            String::from_utf8_lossy(part).into_owned()
        };
        panic!("two runs differ\n--- one thread: …{}…\n--- two threads: …{}…", near(&shown), near(&again));
    }
    first
}

/// Reads and judges, with what must hold of every result.
fn scan(files: &MemoryFiles) -> (Reading, Report) {
    let options = options();
    let reading = twice(|| tidegate_read::read(files, &options));
    for diagnostic in &reading.diagnostics {
        if let Some(span) = diagnostic.span {
            inside(files, &Place::new(&diagnostic.path, span));
        }
    }
    let sources = ReadSources { files, read: &reading.read };
    let audit_options = AuditOptions { worlds: options.limits.worlds, ..AuditOptions::default() };
    let report = judge(&reading.estates, &Config::default(), &audit_options, &sources);
    for finding in report.findings.iter().chain(report.suppressed.iter().map(|muted| &muted.finding)) {
        inside(files, &finding.place);
        inside(files, &finding.block);
        finding.related.iter().for_each(|step| inside(files, &step.place));
        assert!(!finding.subjects.is_empty() && finding.subjects.len() == finding.identities.len());
        assert!(finding.confidence != Confidence::Declared || finding.witness.is_none());
    }
    report.unresolved.iter().for_each(|open| inside(files, &open.place));
    // Only direct calls, as they are written.
    let s6463 = AuditOptions { worlds: 64, ..AuditOptions::selecting(&["S6463"], &[]).expect("a rule") };
    judge(&reading.estates, &Config::default(), &s6463, &sources);
    (reading, report)
}

fn judge(
    estates: &[Estate],
    config: &Config,
    options: &AuditOptions,
    sources: &(dyn SourceText + Sync),
) -> Report {
    twice(|| tidegate_audit::audit(estates, config, options, sources))
}

/// A place is in a file that there is, and within it.
fn inside(files: &MemoryFiles, place: &Place) {
    let bytes = files.bytes(&place.path);
    let length = bytes.map(|bytes| bytes.len()).unwrap_or_else(|error| panic!("{place:?}: {error:?}"));
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    assert!(start <= end && end <= length, "{place:?} is outside of a file of {length} bytes");
}

struct NoText;

impl SourceText for NoText {
    fn text(&self, _path: &str) -> Option<Arc<[u8]>> {
        None
    }
}

/// A template whose parameters decide.
const PARAMETERS: &str = "Parameters:
  Range: {Type: String, Default: 10.0.0.0/8}
  Ranges: {Type: CommaDelimitedList, Default: '10.0.0.0/8,10.1.0.0/16'}
  Port: {Type: Number, Default: 443}
  Stage: {Type: String, AllowedValues: [test, prod], Default: test}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: !Sub '${Stage} of ${Range}'
      SecurityGroupEgress:
        - {IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: !Ref Range}
        - {IpProtocol: udp, FromPort: 53, ToPort: 53, CidrIp: !Select [1, !Ref Ranges]}
        - !If [Prod, !Ref AWS::NoValue, {IpProtocol: '-1', CidrIp: !Ref Range}]
";

/// A project with a finding of each dialect.
static SAMPLE: LazyLock<(MemoryFiles, Reading)> = LazyLock::new(|| {
    let program = "from aws_cdk import App, Stack, aws_ec2 as ec2

class Web(Stack):
    def __init__(self, scope, name, **kwargs):
        super().__init__(scope, name, **kwargs)
        vpc = ec2.Vpc.from_lookup(self, 'V', is_default=True)
        ec2.SecurityGroup(self, 'Open', vpc=vpc)
        ec2.SecurityGroup(self, 'Chosen', vpc=vpc, allow_all_outbound=True)

Web(App(), 'Web')
";
    let yaml = "Resources:\n  Open:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      \
                GroupDescription: x\n      SecurityGroupEgress:\n        - IpProtocol: '-1'\n          CidrIp: 0.0.0.0/0\n";
    let json = r#"{"Resources": {"Open": {"Type": "AWS::EC2::SecurityGroup",
  "Metadata": {"checkov": {"skip": [{"id": "CKV_AWS_382", "comment": "known"}]}},
  "Properties": {"GroupDescription": "x"}}}}"#;
    let files = MemoryFiles::new([("app.py", program), ("template.yaml", yaml), ("template.json", json)]);
    let reading = ALONE.install(|| tidegate_read::read(&files, &options()));
    (files, reading)
});
