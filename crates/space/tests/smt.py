"""Checks what the library claims about packet sets with Z3.

usage: smt.py CASES.json

A case holds two lists of rules and what the library says about them. Here the rules are formulas over bit
vectors, and each claim is put to the solver in both directions: a set that is said to be the union must not
differ from it in any packet, a subset must have no packet outside, and where the library says "no" there must be
such a packet. Exits with 1 and the case if anything disagrees.
"""

import json
import sys

import z3

FAMILY = z3.BitVec("family", 1)
ADDRESS = z3.BitVec("address", 128)
PROTOCOL = z3.BitVec("protocol", 8)
FIRST = z3.BitVec("first", 16)
SECOND = z3.BitVec("second", 16)

PORTS = (6, 17, 33, 132, 136)
ICMP = (1, 58)


def among(protocols):
    return z3.Or([PROTOCOL == number for number in protocols])


# Which values are packets at all: IPv4 addresses have 32 bits, ICMP numbers 8, other protocols no numbers.
REAL = z3.And(
    z3.Implies(FAMILY == 0, z3.ULE(ADDRESS, 2**32 - 1)),
    z3.Implies(among(ICMP), z3.And(z3.ULE(FIRST, 255), z3.ULE(SECOND, 255))),
    z3.Implies(z3.Not(among(PORTS + ICMP)), z3.And(FIRST == 0, SECOND == 0)),
)


def between(variable, bounds):
    first, last = (int(bound) for bound in bounds)
    return z3.And(z3.UGE(variable, first), z3.ULE(variable, last))


def box(rule):
    numbered = z3.And(between(FIRST, rule["first"]), between(SECOND, rule["second"]))
    return z3.And(
        FAMILY == (1 if rule["v6"] else 0),
        between(ADDRESS, rule["addresses"]),
        between(PROTOCOL, rule["protocols"]),
        # Ports say nothing about a protocol that has none.
        numbered if not rule["every"] else z3.BoolVal(True),
    )


def boxes(rules):
    return z3.Or([box(rule) for rule in rules]) if rules else z3.BoolVal(False)


def possible(formula):
    """Whether some packet makes the formula true."""
    solver = z3.Solver()
    solver.add(REAL, formula)
    answer = solver.check()
    if answer == z3.unknown:
        raise RuntimeError("the solver gave up: " + solver.reason_unknown())
    return answer == z3.sat


def order():
    """A packet as one number: smaller is earlier in the order that witnesses follow."""
    return z3.Concat(FAMILY, ADDRESS, PROTOCOL, FIRST, SECOND)


def as_number(packet):
    number = 1 if packet["v6"] else 0
    for key, bits in (("address", 128), ("protocol", 8), ("first", 16), ("second", 16)):
        number = (number << bits) | int(packet[key])
    return number


def disagreements(case):
    a, b = boxes(case["a"]), boxes(case["b"])
    sets = {
        "union": z3.Or(a, b),
        "intersection": z3.And(a, b),
        "difference": z3.And(a, z3.Not(b)),
        "complement": z3.Not(a),
    }
    for name, formula in sets.items():
        if possible(boxes(case[name]) != formula):
            yield name
    claims = {
        "subset": z3.And(a, z3.Not(b)),
        "empty": a,
        "equal": a != b,
        "disjoint": z3.And(a, b),
    }
    for name, counterexample in claims.items():
        if case[name] == possible(counterexample):
            yield name
    witness = case["witness"]
    if witness is None:
        if possible(a):
            yield "witness: missing"
    else:
        number = as_number(witness)
        if not possible(z3.And(a, order() == number)):
            yield "witness: not in the set"
        if possible(z3.And(a, z3.ULT(order(), number))):
            yield "witness: not the smallest"
    for key, family in (("reached4", 0), ("reached6", 1)):
        reached = z3.Or([between(ADDRESS, bounds) for bounds in case[key]])
        if possible(z3.And(FAMILY == family, a, z3.Not(reached))):
            yield key + ": an address is missing"
        for bounds in case[key]:
            for end in bounds:
                if not possible(z3.And(FAMILY == family, a, ADDRESS == int(end))):
                    yield key + ": an address is too much"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    failed = 0
    for number, case in enumerate(cases):
        for what in disagreements(case):
            failed += 1
            print(f"case {number}: Z3 disagrees on {what}", file=sys.stderr)
            print(json.dumps(case), file=sys.stderr)
    claims = len(cases) * 11
    print(f"Z3 {z3.get_version_string()}: {len(cases)} cases, {claims} claims, {failed} disagreements")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
