//! One call of a test, tried.

use crate::cases::came::Came;
use crate::cases::expected::Expected;
use crate::document::Span;
use crate::explain::Explanation;

#[derive(Clone, Debug)]
pub struct Trial {
    /// The test's name, if it has one.
    pub name: Option<String>,
    /// Where the test stands, and where its expectation does.
    pub span: Span,
    pub expect_span: Span,
    /// The call, as a person writes it: `pay {"amount":5}`.
    pub call: String,
    pub expected: Expected,
    pub came: Came,
    pub explanation: Explanation,
    /// Which of the policies is the one that is tested: those above come first.
    pub layer: usize,
}

impl Trial {
    pub fn passed(&self) -> bool {
        self.misses().is_empty()
    }

    /// What did not come as expected, each in a few words.
    pub fn misses(&self) -> Vec<String> {
        self.expected.misses(&self.came)
    }
}
