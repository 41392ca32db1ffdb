//! The vendor's JavaScript packages, taken out of the Python wheels that carry them.

use crate::venv;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package, unpacked in the cache.
pub struct Package {
    folder: PathBuf,
}

/// Unpacks a package (its assembly and its code) from its archive, or from the wheel that carries it.
/// Python does it, so that nothing else is needed on the machine.
const UNPACK: &str = r#"
import gzip, io, os, pathlib, shutil, sys, tarfile, zipfile
archive, folder = sys.argv[1:]
part = folder + ".part"
shutil.rmtree(part, ignore_errors=True)
content = pathlib.Path(archive).read_bytes()
if archive.endswith(".whl"):
    with zipfile.ZipFile(archive) as wheel:
        content = wheel.read(next(name for name in wheel.namelist() if name.endswith(".jsii.tgz")))
with tarfile.open(fileobj=io.BytesIO(content)) as tar:
    for member in tar:
        name = pathlib.PurePosixPath(member.name)
        wanted = name.suffix == ".js" or name.name in (".jsii", ".jsii.gz", "LICENSE", "package.json")
        if member.isfile() and wanted and "node_modules" not in name.parts and ".." not in name.parts:
            target = pathlib.Path(part, *name.parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tar.extractfile(member).read())
zipped = pathlib.Path(part, ".jsii.gz")
if zipped.exists():
    pathlib.Path(part, ".jsii").write_bytes(gzip.decompress(zipped.read_bytes()))
shutil.rmtree(folder, ignore_errors=True)
os.rename(part, folder)
"#;

impl Package {
    /// The package that the installed Python module `module` carries.
    pub fn installed(python: &Path, site_packages: &Path, module: &str) -> Result<Self> {
        let archive = only_file(&site_packages.join(module).join("_jsii"), "tgz")?;
        Self::unpacked(python, &archive)
    }

    /// The package in the wheel of a Python distribution, fetched without what it depends on.
    pub fn fetched(python: &Path, pin: &str) -> Result<Self> {
        let folder = venv::cache().join("wheels").join(pin);
        if only_file(&folder, "whl").is_err() {
            println!("fetching {pin}");
            let mut pip = Command::new(python);
            pip.args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--dest",
            ]);
            if !pip.arg(&folder).arg(pin).status()?.success() {
                bail!("pip could not fetch {pin} (is a PyPI index reachable?)");
            }
        }
        Self::unpacked(python, &only_file(&folder, "whl")?)
    }

    fn unpacked(python: &Path, archive: &Path) -> Result<Self> {
        let name = archive.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = venv::cache().join("packages").join(name);
        if !folder.exists() {
            std::fs::create_dir_all(folder.parent().unwrap_or(&folder))?;
            let status = Command::new(python).args(["-c", UNPACK]).arg(archive).arg(&folder).status()?;
            if !status.success() {
                bail!("could not unpack {}", archive.display());
            }
        }
        Ok(Self { folder })
    }

    /// The text of the package's assembly.
    pub fn assembly(&self) -> Result<Vec<u8>> {
        let path = self.folder.join(".jsii");
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The package's JavaScript files with their text, sorted by path relative to the package, with `/`.
    pub fn scripts(&self) -> Result<Vec<(String, String)>> {
        let mut scripts = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "js") {
                    let relative = path.strip_prefix(&self.folder).unwrap_or(&path);
                    let parts: Vec<_> = relative.iter().map(|p| p.to_string_lossy()).collect();
                    scripts.push((parts.join("/"), std::fs::read_to_string(&path).unwrap_or_default()));
                }
            }
        }
        scripts.sort();
        Ok(scripts)
    }
}

/// The one file in a folder that has this extension.
fn only_file(folder: &Path, extension: &str) -> Result<PathBuf> {
    std::fs::read_dir(folder)
        .with_context(|| format!("no {}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .find(|path| path.extension().is_some_and(|e| e == extension))
        .with_context(|| format!("no .{extension} file in {}", folder.display()))
}
