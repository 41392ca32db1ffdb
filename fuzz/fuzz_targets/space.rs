//! Operations on packet sets, against one bit for each cell of a small universe.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::space(data));
