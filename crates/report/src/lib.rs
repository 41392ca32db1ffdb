//! Findings as documents: the finding a client can read.

pub mod compose;
pub mod data;
pub mod document;
pub mod escape;
pub mod evidence;
pub mod fill;
pub mod handover;
pub mod html;
pub mod markdown;
pub mod outline;
pub mod paper;
pub mod redact;
pub mod remedy;
pub mod retest;
pub mod template;
pub mod texts;
pub mod write_markdown;
