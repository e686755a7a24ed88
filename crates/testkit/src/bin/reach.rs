//! Tries what its command line names, and says what came of it.

fn main() -> std::process::ExitCode {
    toolgate_testkit::reach::main()
}
