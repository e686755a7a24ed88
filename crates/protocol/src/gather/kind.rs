//! The lists that every server has one of.

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    Prompts,
    Resources,
    Tasks,
    Templates,
    Tools,
}

impl ListKind {
    pub const ALL: [Self; 5] =
        [Self::Prompts, Self::Resources, Self::Tasks, Self::Templates, Self::Tools];

    pub fn of(method: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.method() == method)
    }

    pub fn method(self) -> &'static str {
        match self {
            Self::Prompts => "prompts/list",
            Self::Resources => "resources/list",
            Self::Tasks => "tasks/list",
            Self::Templates => "resources/templates/list",
            Self::Tools => "tools/list",
        }
    }

    /// The member of the result that holds the entries.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Tasks => "tasks",
            Self::Templates => "resourceTemplates",
            Self::Tools => "tools",
        }
    }

    /// The member of an entry that names it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Prompts | Self::Tools => "name",
            Self::Resources => "uri",
            Self::Tasks => "taskId",
            Self::Templates => "uriTemplate",
        }
    }

    /// Whether names get the server's in front. What is known by a URI keeps it.
    pub fn is_renamed(self) -> bool {
        matches!(self, Self::Prompts | Self::Tools)
    }

    /// The capability of a server that has such a list.
    pub fn capability(self) -> &'static str {
        match self {
            Self::Prompts => "prompts",
            Self::Resources | Self::Templates => "resources",
            Self::Tasks => "tasks",
            Self::Tools => "tools",
        }
    }
}
