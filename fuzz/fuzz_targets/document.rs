//! Any text as a policy: read or refused with reasons, and the canonical form means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolgate_policy::document;

fuzz_target!(|text: &str| match document::read("fuzz", text) {
    Ok((policy, _warnings)) => {
        let canonical = policy.canonical();
        let (again, _warnings) = document::read("fuzz", canonical).expect("canonical text reads");
        assert_eq!(again.canonical(), canonical);
    }
    Err(reasons) => assert!(!reasons.is_empty()),
});
