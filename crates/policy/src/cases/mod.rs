//! Tests in a policy document: calls, what went before, and what becomes of them.
//!
//! Read by [`crate::document`], run here, without clock or store. The project's own cases are
//! documents of this form too.

mod came;
mod case;
mod coverage;
mod expected;
mod run;
mod trial;

pub use came::Came;
pub(crate) use case::{Asked, Case, Earlier};
pub use coverage::{Coverage, Covered};
pub use expected::{Expected, Rule};
pub(crate) use run::run;
pub use trial::Trial;
