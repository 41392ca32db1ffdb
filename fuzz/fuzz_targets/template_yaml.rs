//! One CloudFormation template in YAML.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidegate_fuzz::targets::template_yaml(data));
