//! The documents of all attacks, as they stand in `attacks/`.

macro_rules! files {
    ($($id:literal,)*) => {
        /// Each with its id, in the order of the ids.
        pub(super) const FILES: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("../../attacks/", $id, ".yaml"))),)*];
    };
}

files! {
    "path-escape",
    "refund-over-amount",
    "runaway-loop",
    "shell-metacharacters",
    "ssrf-metadata",
}
