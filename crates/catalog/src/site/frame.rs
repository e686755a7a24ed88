//! What every page has around it.

pub(super) struct Frame {
    /// From the page to the start: `../`.
    pub(super) root: String,
    pub(super) section: &'static str,
    pub(super) title: String,
    pub(super) written: String,
    pub(super) version: String,
}
