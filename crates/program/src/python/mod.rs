//! Python: source text to core, with ruff's error-tolerant parser in between; built-in functions and
//! the parts of the standard library that decide values.

mod addresses;
mod builtins;
mod format;
mod library;
mod lower;
mod lower_expr;
mod methods;
mod nesting;
mod patterns;
#[cfg(test)]
mod print;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_hostile;

pub(crate) use addresses::{address_attribute, address_in_block, is_text_method};
pub(crate) use builtins::{call_library, is_builtin, is_builtin_instance};
pub(crate) use format::formatted;
pub(crate) use library::{divide_paths, path_attribute};
pub use lower::lower;
