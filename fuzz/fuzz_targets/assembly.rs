//! A synthesized CDK assembly: manifest, tree, templates.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::assembly(data));
