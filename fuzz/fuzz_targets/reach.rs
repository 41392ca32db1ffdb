//! What the AWS CLI printed about a network, followed from gate to gate.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::reach(data));
