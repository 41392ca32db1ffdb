//! Dates as the CLI prints them: `2026-01-02T03:04:05+00:00`, with six digits of a second if there is a fraction.

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A date in a text; what is none stays as it is.
pub(super) fn from_text(text: &str) -> Value {
    match OffsetDateTime::parse(text.trim(), &Rfc3339) {
        Ok(date) => Value::from(printed(date)),
        Err(_) => Value::from(text),
    }
}

/// Seconds since 1970, or a date in a text; what is neither stays as it is.
pub(super) fn from_json(value: Value) -> Value {
    if let Value::String(text) = &value {
        return from_text(text);
    }
    // The vendor's services send thousandths at most: rounding takes away what binary fractions add.
    let date = value.as_f64().and_then(|seconds| {
        let micros = (seconds * 1e6).round();
        (micros.abs() < 1e18)
            .then(|| OffsetDateTime::from_unix_timestamp_nanos(micros as i128 * 1000).ok())?
    });
    date.map_or(value, |date| Value::from(printed(date)))
}

fn printed(date: OffsetDateTime) -> String {
    let date = date.to_offset(UtcOffset::UTC);
    let (year, month, day) = date.to_calendar_date();
    let (hour, minute, second, micro) = date.to_hms_micro();
    let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}+00:00", u8::from(month))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_printed_in_one_form() {
        assert_eq!(from_text("2026-11-28T10:00:00.5Z"), "2026-11-28T10:00:00.500000+00:00");
        assert_eq!(from_text("2026-11-28T10:00:00+02:00"), "2026-11-28T08:00:00+00:00");
        assert_eq!(from_text("soon"), "soon");
        assert_eq!(from_json(json!(0)), "1970-01-01T00:00:00+00:00");
        assert_eq!(from_json(json!(1e300)), json!(1e300));
        assert_eq!(from_json(json!({"a": 1})), json!({"a": 1}));
    }
}
