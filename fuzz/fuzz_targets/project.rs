//! A CDK project of several files: modules, packages, `cdk.json`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::project(data));
