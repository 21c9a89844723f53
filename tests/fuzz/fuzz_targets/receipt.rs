#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingam_fuzz::receipt(data));
