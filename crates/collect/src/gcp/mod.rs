//! Google Cloud: every project that the credentials see, or all below an organization or a folder.
//!
//! - `calls` lists what is asked, and what for each thing that an answer names.
//! - `hosts` knows addresses; `signin` finds credentials, `file` reads those that lie in files.
//! - `complaint` says what the services' errors mean.
//! - `seat` takes a project, page by page; `tree` finds projects; `run` goes through them.
//! - `policy` prints the permissions that all this takes.
//!
//! The vendor's own library for credentials (`google-cloud-auth` 1.19) is not used: it cannot be built without `reqwest`, a
//! second stack for HTTP and TLS. What is needed of it is small: `signin` follows its order ("How Application Default
//! Credentials works") and, like it, signs the statements of service accounts by itself.

mod calls;
mod complaint;
mod file;
mod hosts;
mod policy;
mod run;
mod seat;
mod signin;
mod tree;

pub use policy::policy;
pub use run::{Options, Whose, snapshot};
