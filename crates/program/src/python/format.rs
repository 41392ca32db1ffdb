//! Format specifications of Python (<https://docs.python.org/3/library/string.html#formatspec>), as far as ids and
//! addresses need them: fill, alignment, zeros, width, and the types `s`, `d`, `x`, `X`, `b`, `o`.

use crate::value::Value;

/// Texts that would grow past this are not made.
const WIDEST: usize = 1024;

/// The value as the specification writes it; `None` = one that is not followed, or none for such a value.
pub(crate) fn formatted(value: &Value, specification: &str) -> Option<String> {
    let letters: Vec<char> = specification.chars().collect();
    let align = |at: usize| letters.get(at).copied().filter(|letter| "<>^".contains(*letter));
    let (mut fill, mut side, mut at) = (' ', None, 0);
    if let Some(found) = align(1) {
        (fill, side, at) = (*letters.first()?, Some(found), 2);
    } else if let Some(found) = align(0) {
        (side, at) = (Some(found), 1);
    }
    let zeros = side.is_none() && letters.get(at) == Some(&'0');
    let rest: String = letters.get(at..)?.iter().collect();
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (width, kind) = rest.split_at(digits);
    let width: usize =
        if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width <= WIDEST)? };
    let (text, right) = match (value, kind) {
        (Value::Str(text), "" | "s") => (text.to_string(), false),
        (Value::Int(number), "" | "d") => (number.to_string(), true),
        (Value::Int(number), "x") if *number >= 0 => (format!("{number:x}"), true),
        (Value::Int(number), "X") if *number >= 0 => (format!("{number:X}"), true),
        (Value::Int(number), "b") if *number >= 0 => (format!("{number:b}"), true),
        (Value::Int(number), "o") if *number >= 0 => (format!("{number:o}"), true),
        _ => return None,
    };
    let missing = width.saturating_sub(text.chars().count());
    if zeros {
        return match (text.strip_prefix('-'), right) {
            (Some(digits), true) => Some(format!("-{}{digits}", "0".repeat(missing))),
            (None, true) => Some("0".repeat(missing) + &text),
            // Of a text, a leading zero is a matter of versions.
            (_, false) => None,
        };
    }
    let before = match side {
        Some('<') => 0,
        Some('^') => missing / 2,
        Some(_) => missing,
        None if right => missing,
        None => 0,
    };
    let pad = |count: usize| fill.to_string().repeat(count);
    Some(pad(before) + &text + &pad(missing - before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_are_followed_as_python_writes_them() {
        let int = Value::Int;
        for (value, specification, expected) in [
            (int(7), "02d", Some("07")),
            (int(7), "03", Some("007")),
            (int(-7), "03d", Some("-07")),
            (int(7), "d", Some("7")),
            (int(7), "4", Some("   7")),
            (int(255), "x", Some("ff")),
            (int(5), "08b", Some("00000101")),
            (Value::str("a"), "4", Some("a   ")),
            (Value::str("a"), ">4", Some("   a")),
            (Value::str("a"), "*^4", Some("*a**")),
            (Value::str("a"), "d", None),
            (int(7), ".2f", None),
            (int(7), "99999999", None),
            (int(7), ",", None),
        ] {
            assert_eq!(formatted(&value, specification).as_deref(), expected, "{value:?} {specification}");
        }
    }
}
