//! The risk model: how it is trained, and how well it does.

pub mod data;
pub mod evaluate;
pub mod fit;
pub mod folds;
pub mod logistic;
pub mod score;
pub mod train;

#[cfg(test)]
mod tests;
