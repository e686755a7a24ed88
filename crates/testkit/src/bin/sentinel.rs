//! The sentinel upstream: see `toolgate_testkit::sentinel`.

fn main() -> std::process::ExitCode {
    toolgate_testkit::sentinel::main()
}
