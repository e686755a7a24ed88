//! Servers that nobody wants: see `toolgate_testkit::hostile`.

fn main() -> std::process::ExitCode {
    toolgate_testkit::hostile::main()
}
