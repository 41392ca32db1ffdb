//! Evidence: what the data says, as tables and pictures.

mod map;
mod matrix;
mod picture;
mod rules;
pub(crate) mod svg;

pub use map::map;
pub use matrix::matrix;
pub use picture::{Heading, picture};
pub use rules::{RuleRow, inbound_is_open, marked_rules, outbound};
