//! The policy decision point: documents become a `Policy`, `decide` answers for one call,
//! `Layers` for several policies above one another.
//!
//! Pure: no clock, no store, no IO. Same arguments, same answer; doubt denies.

mod amount;
mod call;
pub mod cases;
mod charge;
pub mod compare;
mod condition;
mod counter_key;
mod decide;
mod decision;
mod definition;
pub mod document;
mod effect;
pub mod explain;
mod fold;
mod glob;
mod layers;
mod limit;
mod outlook;
mod path;
mod policy;
mod reason;
mod reckon;
mod rule;
mod shadow;
pub mod simulate;
mod stated;
mod terms;
mod uri;
mod view;
mod words;

pub use amount::Amount;
pub use call::{Call, Caller, Definition, Principal, Subject};
pub use counter_key::CounterKey;
pub use decide::{Known, Open, Verdict, decide, decide_unseen};
pub use decision::{Allowed, Approval, Code, Decision, Denied, Obligation, Reason};
pub use definition::{DefinitionError, ToolDefinition};
pub use effect::Effect;
pub use explain::explain;
pub use layers::Layers;
pub use limit::{Align, Bound, Charge, Counter, Refund, Scope, Unit, Window};
pub use outlook::{Outlook, Prospect, outlook, outlook_under};
pub use reckon::{Demand, Weight, first_over};
pub use rule::{Policy, Results};
pub use shadow::{Shadow, Stop};
pub use stated::{Listed, Stated};
pub use terms::{Question, Terms, Webhook};
pub use view::{Room, Span, View};
