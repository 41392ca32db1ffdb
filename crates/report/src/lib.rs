//! Findings as documents.

pub mod document;
pub mod escape;
pub mod markdown;
pub mod template;
