//! What the fuzz targets do with their bytes. The tests of `crates/tidegate` include the same files and replay
//! the corpus through them, so nothing here knows of the fuzzing runtime.

pub mod model;
pub mod targets;
