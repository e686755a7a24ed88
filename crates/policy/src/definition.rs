//! What a tool's own definition says of its arguments.

/// The part of a tool definition (MCP `Tool.inputSchema`) that rules ask about.
#[derive(Debug)]
pub struct ToolDefinition {
    /// `inputSchema.required`
    pub(crate) required: Vec<String>,
    /// The names under `inputSchema.properties`.
    pub(crate) properties: Vec<String>,
}
