//! `cargo xtask train-risk`: the model that is part of the program.

use std::fs;
use std::path::PathBuf;

use super::data::{Data, Row};
use super::fit;
use crate::{Result, command};

#[derive(clap::Args)]
pub struct Options {
    /// Directory of the labelled definitions: `train-*.jsonl`
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Where the model goes
    #[arg(long, value_name = "FILE", default_value = "crates/catalog/model/risk.bin")]
    pub out: PathBuf,
}

/// Trains with all rows and writes the model.
pub fn run(options: &Options) -> Result {
    let data = Data::read(&options.data)?;
    let rows: Vec<&Row> = data.rows.iter().collect();
    let bytes = fit::model(&rows);
    let path = command::root().join(&options.out);
    fs::write(&path, &bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{} rows, {} bytes: {}", rows.len(), bytes.len(), path.display());
    Ok(())
}
