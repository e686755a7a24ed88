//! What is known of tools beyond their names: whether a definition is the one it was before, what
//! differs, whether it asks for less, how dangerous it is, and which attacks are known.
//!
//! Pure: definitions in, facts out.

pub mod attacks;
mod diff;
mod drift;
mod fingerprint;
mod flows;
mod grade;
mod index;
mod lines;
mod narrow;
mod poison;
mod recommend;
mod risk;
pub mod site;
mod skeleton;
mod survey;
mod tokens;
mod tool;
mod visible;

pub use diff::{DiffLine, diff};
pub use drift::{Changed, Drift, Rejudged, Sight, drift};
pub use fingerprint::{Fingerprint, fingerprint};
pub use flows::{Flow, Hop, Surveyed, flows};
pub use grade::{Counted, Deduction, Grade, Letter, Tally};
pub use index::{
    Entry as IndexEntry, Index, IndexError, IndexText, IndexedServer, IndexedTool, Listing, Source,
    TOLD_SIGNALS, Verdict, write as write_index,
};
pub use lines::unified;
pub use narrow::narrows;
pub use poison::{Neighbours, clean_text, inspect, inspect_definition, inspect_text};
pub use recommend::{Form, recommend};
pub use risk::{
    BUCKETS, Category, Finding, HEADS, Kin, MODEL_BYTES, Model, Opinion, Risk, Severity, Signal,
    Vector, assess, assess_by,
};
pub use skeleton::skeleton;
pub use survey::{Besides, Survey, SurveyedTool, judge, survey};
pub use tokens::{CONTEXT_TOKENS, share_permille, tokens};
pub use tool::{Annotations, Param, Tool};
pub use visible::{is_hidden, visible};
