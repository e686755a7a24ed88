//! The barest server, for benchmarks: see `toolgate_testkit::echo`.

fn main() -> std::process::ExitCode {
    toolgate_testkit::echo::main()
}
