//! Everything around the product that is not the product: its rules, its checks, its benchmarks.

#![expect(clippy::print_stdout, reason = "these commands print their findings")]

pub mod bench;
pub mod clients;
pub mod command;
pub mod conformance;
pub mod console;
pub mod faults;
pub mod framing;
pub mod index;
pub mod otlp;
pub mod poison;
pub mod risk;
pub mod servers;
pub mod site;
pub mod size;
pub mod test;
pub mod tidy;
pub mod weight;

/// Any failure here ends a command with a sentence for the person who ran it.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
