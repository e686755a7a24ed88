//! The gate that suites must be able to fail: see `toolgate_testkit::naive`.

fn main() -> std::process::ExitCode {
    toolgate_testkit::naive::main()
}
