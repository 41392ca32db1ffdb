//! A CloudFormation parameter file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::parameters(data));
