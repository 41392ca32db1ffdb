//! Prints what is read from the files and folders that are named, for looking at by hand.
use tidegate_read::{MemoryFiles, Options, read};
fn main() {
    let mut files = Vec::new();
    for arg in std::env::args().skip(1) {
        walk(std::path::Path::new(&arg), &mut files);
    }
    let files = MemoryFiles::new(files);
    let reading = read(&files, &Options::default());
    for estate in &reading.estates {
        for p in &estate.policies {
            println!(
                "{:?} path={:?} name={:?} encl={:?} exists={:?} at {}:{}",
                p.kind, p.path, p.name, p.enclosing, p.exists, p.place.path, p.place.span.start
            );
            for r in &p.rules {
                println!(
                    "    {:?} {:?} {:?} guard={:?} {:?} {:?}",
                    r.protocol, r.ports, r.peer, r.guard, r.presence, r.cause
                );
            }
            for i in &p.ignored {
                println!("    ignored {} ({})", i.rule, i.why);
            }
            for o in &p.opaque {
                println!("    opaque {}", o.reason.text);
            }
        }
        for d in &estate.direct_calls {
            println!("direct {} {:?}", d.callee, d.argument);
        }
    }
    for d in &reading.diagnostics {
        println!("{:?} {} {}", d.severity, d.path, d.message);
    }
}
fn walk(p: &std::path::Path, out: &mut Vec<(String, Vec<u8>)>) {
    if p.is_dir() {
        let mut e: Vec<_> = std::fs::read_dir(p).into_iter().flatten().flatten().map(|e| e.path()).collect();
        e.sort();
        for c in e {
            walk(&c, out);
        }
    } else if let Ok(b) = std::fs::read(p) {
        out.push((p.to_string_lossy().into_owned(), b));
    }
}
