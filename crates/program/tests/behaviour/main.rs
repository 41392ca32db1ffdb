//! What Python programs mean to the interpreter, seen through a library that records what it is told.

mod bounds;
mod classes;
mod control;
mod data;
mod functions;
mod host;
mod imports;
mod model;
mod outside;
mod values;
