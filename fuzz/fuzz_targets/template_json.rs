//! One CloudFormation template in JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::template_json(data));
