#!/usr/bin/env python3
"""Runs CDK programs with the real library and keeps what their templates say about egress.

    synth.py PROGRAM OUTDIR     one file or folder; full assembly in OUTDIR, reduced golden on stdout
    synth.py --all              writes golden/<name>.json for every program of this folder
    synth.py --refresh NAME...  the same for some
    synth.py --check NAME...    synthesizes again and compares with the committed golden
    synth.py --list             names and paths of all programs

Needs a Python with `aws-cdk-lib` (the version below) and Node.js on the PATH. Reaches no network and no
account: context comes from the program's own cdk.json and cdk.context.json, assets are neither staged nor
bundled.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import difflib
import importlib.metadata
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
LIBRARY = "aws-cdk-lib"
VERSION = "2.275.0"

# Seconds one program may take; a cold start of the library's Node.js kernel on a busy machine takes about 20.
TIME_LIMIT = 300

# Last lines of a failed program's messages that are shown.
PRINTED = 12

# What the CDK command line would put into the context on its own account.
CLI_CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:disable-asset-staging": True,
    "aws:cdk:bundling-stacks": [],
}

# Resource types that decide egress, and the properties of each that a reader of egress looks at.
KEPT = {
    "AWS::EC2::SecurityGroup": ["GroupDescription", "GroupName", "SecurityGroupEgress", "VpcId"],
    "AWS::EC2::SecurityGroupEgress": None,
    "AWS::EC2::VPC": ["CidrBlock"],
    "AWS::EC2::PrefixList": ["AddressFamily", "Entries", "MaxEntries", "PrefixListName"],
    "AWS::EC2::NetworkAcl": ["VpcId"],
    "AWS::EC2::NetworkAclEntry": None,
    "AWS::EC2::SubnetNetworkAclAssociation": None,
    "Custom::VpcRestrictDefaultSG": ["DefaultSecurityGroupId"],
    # A nested stack binds the parameters of its template to values of the parent.
    "AWS::CloudFormation::Stack": ["Parameters"],
}
KEPT_METADATA = ["aws:cdk:path", "aws:asset:path"]


class SynthError(Exception):
    """A program that the library refused, with what it printed."""


# ---- programs -------------------------------------------------------------------------------------------


def programs() -> dict[str, Path]:
    """Every program by name: `probes/x.py` is x, `probes/x/` and `programs/x/` too."""
    found: dict[str, Path] = {}
    for group in ("probes", "programs"):
        for path in sorted((HERE / group).iterdir()):
            is_program = path.suffix == ".py" or (path / "app.py").is_file()
            if not is_program:
                continue
            if path.stem in found:
                raise SystemExit(f"two programs are called {path.stem}: {found[path.stem]} and {path}")
            found[path.stem] = path
    return found


def pick(names: list[str]) -> dict[str, Path]:
    known = programs()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"no such program: {', '.join(unknown)}")
    return {name: known[name] for name in names}


def read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def command_and_context(program: Path) -> tuple[list[str], Path, dict]:
    """How to start a program, where, and with which context."""
    if program.is_file():
        return [sys.executable, program.name], program.parent, dict(CLI_CONTEXT)
    config = read_json(program / "cdk.json")
    words = shlex.split(config.get("app", "python3 app.py"))
    if Path(words[0]).name.startswith("python"):
        words[0] = sys.executable
    # The CDK command line lets cdk.json win over what lookups left in cdk.context.json.
    context = {**read_json(program / "cdk.context.json"), **config.get("context", {}), **CLI_CONTEXT}
    return words, program, context


# ---- synthesis ------------------------------------------------------------------------------------------


def synthesize(program: Path, outdir: Path) -> None:
    """Runs one program; its cloud assembly is in `outdir` afterwards."""
    command, folder, context = command_and_context(program)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    env.update(
        CDK_OUTDIR=str(outdir.resolve()),
        CDK_CONTEXT_JSON=json.dumps(context),
        JSII_RUNTIME_PACKAGE_CACHE="enabled",
        JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION="1",
        JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION="1",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONHASHSEED="0",
    )
    try:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise SynthError(f"took longer than {TIME_LIMIT} s") from late
    if done.returncode != 0:
        # Leave out the box that the library prints about the age of Node.js.
        printed = [line for line in done.stderr.splitlines() if not line.startswith("b'!!")]
        raise SynthError("\n".join(printed[-PRINTED:]).strip() or f"exit status {done.returncode}")
    if not (outdir / "manifest.json").is_file():
        raise SynthError("wrote no assembly (is app.synth() missing?)")


# ---- reduction ------------------------------------------------------------------------------------------


def names_in(value: object) -> set[str]:
    """Every logical name, mapping or condition that an expression may refer to (a superset is fine)."""
    found: set[str] = set()
    todo = [value]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            todo.extend(node.values())
            if len(node) == 1:
                (key, argument), = node.items()
                if key == "Fn::Sub":
                    text = argument[0] if isinstance(argument, list) else argument
                    found.update(part.split("}")[0].split(".")[0] for part in str(text).split("${")[1:])
        elif isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, str):
            found.add(node)
    return found


def reduce_resource(resource: dict) -> dict:
    kept = {"Type": resource["Type"]}
    if "Condition" in resource:
        kept["Condition"] = resource["Condition"]
    wanted = KEPT[resource["Type"]]
    properties = resource.get("Properties", {})
    if wanted is not None:
        properties = {key: value for key, value in properties.items() if key in wanted}
    kept["Properties"] = properties
    metadata = {key: value for key, value in resource.get("Metadata", {}).items() if key in KEPT_METADATA}
    if metadata:
        kept["Metadata"] = metadata
    return kept


def reduce_output(output: dict) -> dict:
    return {key: output[key] for key in ("Value", "Export", "Condition") if key in output}


def reduce_template(template: dict) -> dict:
    """The part of a template that decides egress, and what that part refers to."""
    resources = {
        name: reduce_resource(resource)
        for name, resource in template.get("Resources", {}).items()
        if resource.get("Type") in KEPT
    }
    outputs = {
        name: reduce_output(output)
        for name, output in template.get("Outputs", {}).items()
        if names_in(output.get("Value")) & resources.keys()
    }
    reduced: dict[str, dict] = {"Resources": resources, "Outputs": outputs}
    wanted = names_in(resources) | names_in(outputs)
    conditions: dict[str, object] = {}
    # Conditions refer to conditions: follow until nothing new turns up.
    while new := {
        name: value
        for name, value in template.get("Conditions", {}).items()
        if name in wanted and name not in conditions
    }:
        conditions.update(new)
        wanted |= names_in(new)
    reduced["Conditions"] = conditions
    for section in ("Parameters", "Mappings"):
        reduced[section] = {
            name: value for name, value in template.get(section, {}).items() if name in wanted
        }
    return {section: entries for section, entries in reduced.items() if entries}


def warnings_of(assembly: Path) -> list[dict]:
    """What the library says about egress rules that it drops."""
    found = []
    for manifest in sorted(assembly.rglob("manifest.json")):
        for artifact in read_json(manifest).get("artifacts", {}).values():
            metadata = dict(artifact.get("metadata", {}))
            extra = artifact.get("additionalMetadataFile")
            if extra:
                metadata.update(read_json(manifest.parent / extra))
            for path, entries in metadata.items():
                for entry in entries:
                    if entry.get("type") == "aws:cdk:warning" and "IgnoreEgressRule" in str(entry.get("data")):
                        code = str(entry["data"]).split("[ack: ")[-1].rstrip("]")
                        found.append({"path": path, "code": code})
    return sorted(found, key=lambda warning: (warning["path"], warning["code"]))


def tie_nested(templates: dict[str, dict]) -> None:
    """Of a nested stack stays what its reduced template still takes as a parameter."""
    for name, template in templates.items():
        for logical, resource in list(template["Resources"].items()):
            if resource["Type"] != "AWS::CloudFormation::Stack":
                continue
            asset = resource.get("Metadata", {}).get("aws:asset:path", "")
            nested = templates.get((Path(name).parent / asset).as_posix())
            if nested is None:
                del template["Resources"][logical]
                continue
            bound = resource["Properties"].get("Parameters", {})
            taken = nested.get("Parameters", {})
            resource["Properties"] = {"Parameters": {key: bound[key] for key in bound if key in taken}}


def add_imported(templates: dict[str, dict], whole: dict[str, dict]) -> None:
    """Keeps outputs whose export another kept template imports, whatever they export."""
    imported = set().union(*(names_in(template["Resources"]) for template in templates.values()))
    for path, template in templates.items():
        for name, output in whole[path].get("Outputs", {}).items():
            export = output.get("Export", {}).get("Name")
            if isinstance(export, str) and export in imported:
                template.setdefault("Outputs", {})[name] = reduce_output(output)


def add_stubs(reduced: dict, whole: dict) -> None:
    """Of a resource that a kept one refers to, as a rule to its database's port, stays the type."""
    wanted = names_in(reduced["Resources"]) | names_in(reduced.get("Outputs"))
    for name, resource in whole["Resources"].items():
        if name in wanted and name not in reduced["Resources"]:
            reduced["Resources"][name] = {"Type": resource["Type"]}


def golden_of(name: str, assembly: Path) -> dict:
    whole = {
        path.relative_to(assembly).as_posix(): read_json(path)
        for path in sorted(assembly.rglob("*.template.json"))
    }
    reduced = {path: reduce_template(template) for path, template in whole.items()}
    templates = {path: template for path, template in reduced.items() if template.get("Resources")}
    tie_nested(templates)
    add_imported(templates, whole)
    for path, template in templates.items():
        add_stubs(template, whole[path])
    return {
        "program": name,
        "library": f"{LIBRARY} {VERSION}",
        "templates": templates,
        "warnings": warnings_of(assembly),
    }


def text_of(golden: dict) -> str:
    return json.dumps(golden, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def fresh_golden(name: str, program: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="oracle-") as scratch:
        assembly = Path(scratch) / "cdk.out"
        synthesize(program, assembly)
        return text_of(golden_of(name, assembly))


# ---- commands -------------------------------------------------------------------------------------------


def over(chosen: dict[str, Path], jobs: int, then) -> int:
    """Synthesizes the chosen programs and hands each golden to `then`; the number of failures."""
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = {pool.submit(fresh_golden, name, path): name for name, path in chosen.items()}
        for future in concurrent.futures.as_completed(waiting):
            name = waiting[future]
            try:
                problem = then(name, future.result())
            except SynthError as error:
                problem = f"does not synthesize\n{error}"
            print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}", flush=True)
            failures += bool(problem)
    return failures


def refresh(name: str, text: str) -> str | None:
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / f"{name}.json").write_text(text, encoding="utf-8")
    return None


def check(name: str, text: str) -> str | None:
    path = GOLDEN / f"{name}.json"
    committed = path.read_text(encoding="utf-8") if path.is_file() else ""
    if committed == text:
        return None
    difference = difflib.unified_diff(
        committed.splitlines(), text.splitlines(), "committed", "synthesized", lineterm="", n=2
    )
    return "differs from its golden\n" + "\n".join(difference)


def forget_stale() -> None:
    known = programs()
    for path in GOLDEN.glob("*.json"):
        if path.stem not in known:
            path.unlink()
            print(f"gone {path.stem}")


def require_library() -> None:
    try:
        found = importlib.metadata.version(LIBRARY)
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(f"{sys.executable} has no {LIBRARY}; install {LIBRARY}=={VERSION}") from None
    if found != VERSION:
        raise SystemExit(f"{sys.executable} has {LIBRARY} {found}; the goldens are made with {VERSION}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program", nargs="?", type=Path)
    parser.add_argument("outdir", nargs="?", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--refresh", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--check", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="programs at a time (default 2)")
    args = parser.parse_args()

    if args.list:
        for name, path in programs().items():
            print(f"{name}\t{path.relative_to(HERE).as_posix()}")
        return 0
    require_library()
    if args.all:
        failures = over(programs(), args.jobs, refresh)
        forget_stale()
    elif args.refresh:
        failures = over(pick(args.refresh), args.jobs, refresh)
    elif args.check:
        failures = over(pick(args.check), args.jobs, check)
    elif args.program and args.outdir:
        try:
            synthesize(args.program.resolve(), args.outdir)
        except SynthError as error:
            print(error, file=sys.stderr)
            return 1
        print(text_of(golden_of(args.program.stem, args.outdir)), end="")
        return 0
    else:
        parser.print_usage()
        return 2
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
