#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzz::decoders::socket_table(data);
    fuzz::others::socket_table(data);
});
