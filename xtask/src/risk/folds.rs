//! Vendors in parts: what is measured was never trained with, and no copy of it.

use std::collections::{BTreeMap, BTreeSet};

use super::data::Row;

pub const FOLDS: usize = 10;

/// For each row the part in which it is measured. All rows of a vendor are in one part; the
/// parts are of about the same size. Another `salt` is another division.
pub fn divide(rows: &[Row], salt: u64) -> Vec<usize> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *sizes.entry(&row.vendor).or_default() += 1;
    }
    let mut vendors: Vec<(&str, usize)> = sizes.into_iter().collect();
    vendors.sort_by_key(|(vendor, size)| {
        // Of two that are about as large, the salt says which comes first.
        let rank = if salt == 0 { *size } else { size.ilog2() as usize };
        (usize::MAX - rank, mixed(vendor, salt), *vendor)
    });
    let mut loads = [0; FOLDS];
    let mut folds = BTreeMap::new();
    for (vendor, size) in vendors {
        let lightest = (0..FOLDS).min_by_key(|fold| loads[*fold]).unwrap_or(0);
        loads[lightest] += size;
        folds.insert(vendor, lightest);
    }
    rows.iter().map(|row| folds[row.vendor.as_str()]).collect()
}

fn mixed(vendor: &str, salt: u64) -> u64 {
    if salt == 0 {
        return 0;
    }
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    let hash = vendor.bytes().fold(0xcbf2_9ce4_8422_2325 ^ salt.wrapping_mul(0x9e37_79b9), step);
    hash ^ (hash >> 29)
}

/// The rows to train with when `fold` is measured.
pub fn others<'a>(rows: &'a [Row], folds: &[usize], fold: usize) -> Vec<&'a Row> {
    let held = rows.iter().zip(folds).filter(|(_, own)| **own == fold);
    let copies: BTreeSet<&str> = held.map(|(row, _)| row.copy_key.as_str()).collect();
    let others = rows.iter().zip(folds).filter(|(_, own)| **own != fold).map(|(row, _)| row);
    others.filter(|row| !copies.contains(row.copy_key.as_str())).collect()
}
