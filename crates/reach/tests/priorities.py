"""Checks with Z3 what the library says gets through rules with priorities.

usage: priorities.py CASES.json

A case holds levels of rules, each with a number, an action and the packets that it matches, and what the library says gets
through, for certain and perhaps. Here the rules are nested choices over bit vectors, and no packet may tell the two apart.
Exits with 1 and the case if one does.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "../../space/tests"))

import smt
import z3

YES, NO = z3.BoolVal(True), z3.BoolVal(False)


def chain(rules, verdicts, otherwise):
    """What the first rule that matches says; of rules with one number those that deny go first."""
    result = otherwise
    for rule in sorted(rules, key=lambda rule: (rule["number"], rule["action"] != "deny"), reverse=True):
        result = z3.If(smt.boxes(rule["matches"]), verdicts[rule["action"]], result)
    return result


def passes(case):
    kind, levels = case["kind"], case["levels"]
    plain = {"allow": YES, "deny": NO}
    if kind == "list":
        return chain(levels[0], plain, NO)
    if kind == "firewall":
        return chain(levels[0], plain, YES)
    if kind == "levels":
        rest = YES
        for level in reversed(levels):
            rest = chain(level, {**plain, "goto_next": rest}, rest)
        return rest
    if kind == "guards":
        admin, card, subnet = levels
        groups = z3.And(chain(card, plain, NO), chain(subnet, plain, NO))
        return chain(admin, {"always": YES, "deny": NO, "allow": groups}, groups)
    raise ValueError(kind)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    failed = 0
    for number, case in enumerate(cases):
        formula = passes(case)
        for claim in ("must", "may"):
            if smt.possible(smt.boxes(case[claim]) != formula):
                failed += 1
                print(f"case {number}: Z3 disagrees on {claim} of {case['kind']}", file=sys.stderr)
                print(json.dumps(case), file=sys.stderr)
    print(f"Z3 {z3.get_version_string()}: {len(cases)} cases, {failed} disagreements")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
