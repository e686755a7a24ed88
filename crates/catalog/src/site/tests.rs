//! The pages, as files in memory.
