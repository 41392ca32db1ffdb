//! Markdown: read into blocks, and text made safe to stand in it.

mod escape;
mod read;

pub use escape::{exact, text, value};
pub use read::{Resolve, no_pictures, read};
