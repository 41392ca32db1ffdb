//! A day of the calendar.

use std::fmt;
use std::str::FromStr;

/// A day, written `2026-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(toml::value::Date);

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoDate(String);

impl fmt::Display for NoDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no day such as 2026-01-31", self.0)
    }
}

impl std::error::Error for NoDate {}

impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let no_date = || NoDate(text.to_owned());
        let read: toml::value::Datetime = text.trim().parse().map_err(|_| no_date())?;
        match read {
            toml::value::Datetime { date: Some(date), time: None, offset: None } => Ok(Self(date)),
            _ => Err(no_date()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_compared_and_written() {
        let (first, second): (Date, Date) = ("2026-01-31".parse().unwrap(), "2026-02-01".parse().unwrap());
        assert!(first < second);
        assert_eq!(first.to_string(), "2026-01-31");
    }

    #[test]
    fn days_that_no_calendar_has_are_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-1-1", "12:00:00", "2026-01-01T00:00:00Z", "soon", ""] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2028-02-29".parse::<Date>().is_ok());
    }
}
