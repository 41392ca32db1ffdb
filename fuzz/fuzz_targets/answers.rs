//! What a service of AWS says, as it comes over the wire.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::answers(data));
