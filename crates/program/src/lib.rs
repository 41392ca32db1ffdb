//! A tiny core language, the lowerings into it, and one abstract interpreter.
//!
//! Source code becomes [`core`]; [`Interp`] runs it on values that may be one of several, or unknown
//! with the reason. What libraries mean is not known here: a [`Host`] says.
//!
//! Invariants:
//! - No user code is ever run; no file is read but through the host.
//! - Where a test cannot be decided, both sides are run, and what they change is joined under the
//!   test's guard: one test makes two worlds wherever it is asked again.
//! - Bounded: steps, call depth, loop rounds and nesting; past them a diagnostic says so.

pub mod core;
mod guards;
pub mod heap;
pub mod host;
mod interp;
mod names;
pub mod python;
pub mod value;
mod work;

pub use host::{Arguments, CallSite, Host, NamedArgument, PositionalArgument};
pub use interp::{BLOCK, Bounds, Interp};
pub use names::{Names, Symbol};
pub use value::{NativeId, ObjectId, Value};
pub use work::count as count_work;
