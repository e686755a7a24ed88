//! The policy decision point: documents become a `Policy`, `decide` answers for one call.
//!
//! Pure: no clock, no store, no IO. Same arguments, same answer; doubt denies.

mod amount;
mod call;
mod condition;
mod decision;
mod definition;
mod fold;
mod glob;
mod limit;
mod path;
mod rule;
mod words;

pub use amount::Amount;
pub use call::{Call, Caller, Definition, Principal};
pub use decision::{Allowed, Approval, Code, Decision, Denied, Obligation, Reason};
pub use definition::ToolDefinition;
pub use limit::{Align, Bound, Charge, CounterKey, Refund, Scope, Window};
pub use rule::Policy;
