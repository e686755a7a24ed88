//! Arguments that ask for what no tool needs: the conversation, the system prompt, secrets' files.

use crate::{Finding, Severity, Tool, visible};

/// An argument's name, its words joined, that asks for what only the model has.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "sidenote", "sidenotes", "systemmessages", "chainofthought", "chatlog",
    "conversationhistory", "chathistory", "fullconversation", "conversationcontext", "llmmodelname",
    "previousmessages", "priormessages", "allpreviousmessages",
    "internalreasoning", "innermonologue", "hiddencontext", "sshkey", "sshprivatekey",
    "environmentvariables",
    "envfile", "dotenv", "modelinstructions", "developermessage", "originalprompt",
    "contextwindow", "toolsavailable", "availabletools", "toollist", "agentinstructions",
    "fullcontext",
];

/// The same, but honest where a tool speaks to a model itself.
const OF_MODELS: &[&str] =
    &["allmessages", "custominstructions", "messagehistory", "systeminstructions", "systemprompt"];
const MODELS: &[&str] =
    &["agent", "ai", "assistant", "chat", "copilot", "llm", "message", "model", "prompt"];

pub(super) fn findings(tool: &Tool<'_>, findings: &mut Vec<Finding>) {
    for param in &tool.params {
        let joined: String = param
            .name
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let asks = NAMES.contains(&joined.as_str())
            || OF_MODELS.contains(&joined.as_str()) && !speaks_of_models(tool)
            || joined.contains("idrsa")
            || joined.contains("dotssh");
        if asks {
            findings.push(Finding {
                id: "exfiltration-param",
                severity: Severity::High,
                text: format!("asks for what the tool does not need ({})", visible(&param.path)),
                place: format!("inputSchema: {}", visible(&param.path)),
                quote: visible(&param.name),
            });
        }
    }
}

fn speaks_of_models(tool: &Tool<'_>) -> bool {
    let said = format!("{} {}", tool.name, tool.description).to_ascii_lowercase();
    let words = said.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| MODELS.iter().any(|model| word.trim_end_matches('s') == *model))
}
