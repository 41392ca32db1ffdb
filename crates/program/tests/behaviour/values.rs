//! Expressions: operators, texts, displays, comprehensions.

use crate::host::records;

fn value(expr: &str) -> String {
    let text = format!("import lib\nfrom lib import record, prod, other\nrecord({expr})");
    let lines = records(&text);
    assert_eq!(lines.len(), 1, "{expr}: {lines:?}");
    lines[0].clone()
}

#[track_caller]
fn same(pairs: &[(&str, &str)]) {
    for (expr, expected) in pairs {
        assert_eq!(value(expr), *expected, "{expr}");
    }
}

#[test]
fn one_unknown_test_makes_two_worlds_wherever_it_is_asked() {
    same(&[
        ("True if prod else False", "True if prod | False if !prod"),
        ("(1 if prod else 2) + (10 if prod else 20)", "11 if prod | 22 if !prod"),
        ("(1 if prod else 2) if prod else 3", "1 if prod | 3 if !prod"),
        ("1 if prod and not prod else 2", "2"),
        ("1 if prod or not prod else 2", "1"),
        ("(1 if not prod else 2) if not (not prod) else 5", "2 if prod | 5 if !prod"),
        ("1 if bool(prod) == bool(prod) else 2", "1"),
    ]);
}

#[test]
fn boolean_operators_give_their_operand() {
    same(&[
        ("None or 'x'", "'x'"),
        ("0 or [] or {} or 5", "5"),
        ("1 and 2", "2"),
        ("'' and 2", "''"),
        ("not []", "True"),
        ("prod and False", "False"),
        ("prod or True", "True if !prod | ?prod if prod"),
        ("(prod and 1) if prod else 7", "1 if prod | 7 if !prod"),
    ]);
}

#[test]
fn comparisons_chain() {
    same(&[
        ("1 < 2 < 3", "True"),
        ("1 < 3 < 2", "False"),
        ("1 == 1.0", "True"),
        ("'a' in 'abc' and 'k' in {'k': 1} and 2 in [1, 2] and 3 not in (1, 2)", "True"),
        ("None is None, 1 is not None, 'a' != 'b'", "True, True, True"),
        ("'prod' == 'dev' or 'b' > 'a' >= 'a'", "True"),
        ("[1, 2] == [1, 2], (1,) == (2,)", "True, False"),
        ("lib.env == 'prod' and lib.env != 'prod'", "False"),
    ]);
}

#[test]
fn numbers_follow_python() {
    same(&[
        ("7 // 2, -7 // 2, 7 // -2, -7 % 3, 7 % -3", "3, -4, -4, 2, -2"),
        ("7 / 2, 2 ** 10, 1 << 4, 6 & 3, 6 | 1, 6 ^ 2", "3.5, 1024, 16, 2, 7, 4"),
        (
            "-3, +3, ~3, abs(-3), min(3, 1, 2), max([3, 1]), sum([1, 2]), round(2.4)",
            "-3, 3, -4, 3, 1, 3, 3, 2",
        ),
        ("int('12'), float(3), str(5), bool(''), len('abc')", "12, 3.0, '5', False, 3"),
        ("True + True", "2"),
    ]);
    for hostile in [
        "(-9223372036854775807 - 1) // -1",
        "(-9223372036854775807 - 1) % -1",
        "9223372036854775807 + 1",
        "1 << 62 << 62",
        "2 ** 63",
        "1 // 0",
        "1 % 0",
        "list(enumerate([1, 2], 9223372036854775807))",
        "'a,b'.split(',', 9223372036854775807)",
        "'a,b'.split(',', '18446744073709551615')",
        "sorted([1e308 * 10 - 1e308 * 10, 1, 2.0, -1])",
        "'x' * 9223372036854775807",
        "[1] * 9223372036854775807",
        "[1, 2][::-9223372036854775807]",
        "[1, 2][-9223372036854775807:9223372036854775807:9223372036854775807]",
        "'abc'[9223372036854775807]",
        "'{' .format()",
        "'{0[x]} {:>{}}'.format(1)",
        "'%'  % ()",
        "chr(-1), chr(1114112), ord('')",
        "list(range(0, 9223372036854775807, 9223372036854775806))[:1]",
        "'é'[0], 'é'.find('é'), 'ß'.upper(), 'é'.split('é')",
        "12345678901234567890123",
    ] {
        value(hostile);
    }
}

#[test]
fn texts_are_built_in_every_way() {
    same(&[
        ("f'a{1}b{\"c\"}'", "'a1bc'"),
        ("f'{prod}'", "?prod"),
        ("f\"{'x' if prod else 'y'}-z\"", "'x-z' if prod | 'y-z' if !prod"),
        ("'%s:%d' % ('h', 80)", "'h:80'"),
        ("'{}/{x}'.format(1, x=2)", "'1/2'"),
        ("'-'.join(['a', 'b'])", "'a-b'"),
        ("'A,b'.lower().split(',')", "['a', 'b']"),
        ("'a' 'b' + 'c' * 2", "'abcc'"),
        ("'abc'[1:], 'abc'[::-1], 'abc'[-1]", "'bc', 'cba', 'c'"),
        ("'x.y'.replace('.', '-').upper().startswith('X-')", "True"),
    ]);
}

#[test]
fn displays_and_comprehensions() {
    same(&[
        ("[1, *[2, 3]]", "[1, 2, 3]"),
        ("{'a': 1, **{'b': 2, 'a': 3}}", "{'a': 3, 'b': 2}"),
        ("(1, *(2,))", "(1, 2)"),
        ("[x * 2 for x in range(4) if x % 2]", "[2, 6]"),
        ("[(x, y) for x in [1, 2] for y in 'ab' if x == 2]", "[(2, 'a'), (2, 'b')]"),
        ("[[y for y in range(x)] for x in range(3)]", "[[], [0], [0, 1]]"),
        ("{k: v for k, v in {'a': 1, 'b': 2}.items() if v > 1}", "{'b': 2}"),
        ("{x % 2 for x in range(4)}", "{0, 1}"),
        ("list(x for x in 'ab')", "['a', 'b']"),
        ("[1] + ([2] if prod else [])", "[1, 2] if prod | [1] if !prod"),
        ("[x for x in [1, 2] if prod or x == 1]", "[1, 2 if prod]"),
        ("any(x > 1 for x in [1, 2]), all([1, 0])", "True, False"),
        ("list(map(lambda x: x + 1, [1])), list(filter(None, [0, 2]))", "[2], [2]"),
        ("dict(zip('ab', [1, 2])), dict(a=1), dict([('k', 2)])", "{'a': 1, 'b': 2}, {'a': 1}, {'k': 2}"),
        ("next(x for x in [1, 2] if x > 1), next(iter([]), 5)", "2, 5"),
        ("{'a': 1} | {'b': 2}, {1, 2} - {1}, [1, 2] * 2", "{'a': 1, 'b': 2}, {2}, [1, 2, 1, 2]"),
    ]);
}

#[test]
fn a_walrus_binds_where_it_stands() {
    assert_eq!(records("import lib\nif (n := 3) > 2:\n  lib.record(n)"), ["3"]);
}

#[test]
fn unknown_elements_of_a_display_stay_apart() {
    same(&[
        ("[1, prod][0]", "1"),
        ("{'a': prod, 'b': 2}['b']", "2"),
        ("{'dev': 1, 'prod': 2}[lib.env]", "1 if env=1 | 2 if env=2"),
        ("{'dev': 1}.get('x', 9)", "9"),
    ]);
}
