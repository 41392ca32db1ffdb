//! Readers: files in, estates and diagnostics out. One module per dialect.
//!
//! Invariants:
//! - Reading never fails and never runs code: bad input becomes a [`Diagnostic`], the rest is read.
//! - Readers get bytes through [`Files`]; they touch no disk and no network.
//! - Same bytes, same result, whatever the thread count.

pub mod cdk;
pub mod cloudformation;
pub mod dump;
mod files;
mod limits;
mod run;
mod tree;

pub use files::{FileError, Files, MemoryFiles};
pub use limits::Limits;
pub use run::read;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Estate};

/// The stack that an analysis of a program may need, in bytes: source nests, and calls nest on top of it. Where a
/// thread has less left than this, an analysis gets a stack of its own.
pub const STACK: usize = 512 << 20;

/// What reading a set of files gave.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// One estate per unit (application, template with its nested stacks, assembly), in order of path.
    pub estates: Vec<Estate>,
    /// What there is to say about the input.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were read as something (not merely looked at), sorted.
    pub read: Vec<Arc<str>>,
}

/// Choices a user makes about reading.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Limits that hostile input must not pass.
    pub limits: Limits,
    /// CloudFormation parameter values by name, from a parameter file.
    pub parameters: Vec<(String, String)>,
}
