//! Lists of attacks and risks that others keep, and where to read them.

use super::Maps;

/// A list that others keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taxonomy {
    /// MITRE ATLAS.
    Atlas,
    /// OWASP Top 10 for agentic applications.
    OwaspAgentic,
    /// OWASP MCP Top 10.
    OwaspMcp,
    /// SAFE-MCP.
    SafeMcp,
}

const OWASP_MCP: [(&str, &str); 10] = [
    ("MCP01", "tokens and secrets exposed"),
    ("MCP02", "scope creep"),
    ("MCP03", "tool poisoning"),
    ("MCP04", "supply chain"),
    ("MCP05", "command injection"),
    ("MCP06", "intent flow subversion"),
    ("MCP07", "authentication and authorization"),
    ("MCP08", "lack of audit and telemetry"),
    ("MCP09", "shadow servers"),
    ("MCP10", "context injection and over-sharing"),
];

const OWASP_AGENTIC: [(&str, &str); 10] = [
    ("ASI01", "goal hijack"),
    ("ASI02", "tool misuse"),
    ("ASI03", "identity and privilege abuse"),
    ("ASI04", "supply chain"),
    ("ASI05", "unexpected code execution"),
    ("ASI06", "memory and context poisoning"),
    ("ASI07", "insecure communication between agents"),
    ("ASI08", "cascading failures"),
    ("ASI09", "human trust exploited"),
    ("ASI10", "rogue agents"),
];

/// What an entry of OWASP's lists is about, in short.
pub fn title(id: &str) -> Option<&'static str> {
    let all = OWASP_MCP.iter().chain(&OWASP_AGENTIC);
    all.into_iter().find(|(known, _)| *known == id).map(|(_, title)| *title)
}

impl Taxonomy {
    pub const ALL: [Self; 4] = [Self::OwaspMcp, Self::OwaspAgentic, Self::Atlas, Self::SafeMcp];

    pub fn name(self) -> &'static str {
        match self {
            Self::Atlas => "MITRE ATLAS",
            Self::OwaspAgentic => "OWASP Agentic Top 10",
            Self::OwaspMcp => "OWASP MCP Top 10",
            Self::SafeMcp => "SAFE-MCP",
        }
    }

    /// The key in documents and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Atlas => "atlas",
            Self::OwaspAgentic => "owasp_agentic",
            Self::OwaspMcp => "owasp_mcp",
            Self::SafeMcp => "safe_mcp",
        }
    }

    /// Where an entry can be read.
    pub fn address(self, id: &str) -> String {
        match self {
            Self::Atlas => format!("https://atlas.mitre.org/techniques/{id}"),
            Self::OwaspAgentic => {
                "https://genai.owasp.org/resource/owasp-top-10-for-agentic-applications-for-2026/"
                    .to_owned()
            }
            Self::OwaspMcp => "https://owasp.org/www-project-mcp-top-10/".to_owned(),
            Self::SafeMcp => {
                format!(
                    "https://github.com/safe-agentic-framework/safe-mcp/tree/main/techniques/{id}"
                )
            }
        }
    }
}

impl Maps {
    /// The ids in one list.
    pub fn of(&self, taxonomy: Taxonomy) -> &[String] {
        match taxonomy {
            Taxonomy::Atlas => &self.atlas,
            Taxonomy::OwaspAgentic => &self.owasp_agentic,
            Taxonomy::OwaspMcp => &self.owasp_mcp,
            Taxonomy::SafeMcp => &self.safe_mcp,
        }
    }
}
