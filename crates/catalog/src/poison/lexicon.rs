//! The words that rules speak of, in classes: `hide` is any word that keeps something from people.
//!
//! A word that ends in `*` stands for all that begin like it; one with `_` also for its parts
//! written apart.

use std::collections::HashMap;
use std::sync::LazyLock;

pub(super) use super::mask::Mask;
use super::rules;

/// What the reader of tokens recognises by form, not by spelling.
pub(super) const FORMS: &[&str] = &[
    "address",
    "capitals",
    "command",
    "ident",
    "literal",
    "number",
    "path",
    "raw_ip",
    "secret_path",
    "soft_path",
    "startup_path",
    "tool_name",
    "toolish",
    "url",
];

#[rustfmt::skip]
pub(super) const CLASSES: &[(&str, &str)] = &[
    ("act", "call calls carry consult execute executes invoke invokes issue launch perform run \
        runs trigger use"),
    ("after", "after afterward afterwards during each_time every_time finally following if once \
        subsequently then upon when whenever"),
    ("agent", "agent agents ai assistant assistants chatbot chatgpt claude copilot gpt llm llms \
        model models you"),
    ("all", "all any each entire every everything future subsequent whole"),
    ("also", "additionally along_with also as_well copy furthermore plus second secretly \
        silently simultaneously too"),
    ("amount", "double percent ten thrice times triple twice"),
    ("answer", "answer answers output outputs replies reply report reports response responses \
        result results summaries summary verdict"),
    ("as", "as in inside into through under via within"),
    ("ask", "approval ask asking asks bother confirm confirmation consent consult permission \
        prompt request"),
    ("asked", "asked asks entered gave given names provided provides request requested requests \
        said says specified specifies supplied supplies typed user-provided user-specified \
        user-supplied wanted wants"),
    ("attacker", "attacker* attkr evil pwnd pwned"),
    ("authority", "admin administrator anthropic compliance corporate developer developers \
        it-department legal maintainer mandatory openai policy regulatory root safety security \
        system vendor"),
    ("authority_act", "alert directive directives instruction instructions mandate message \
        notice order orders override overrides protocol requirement requirements update"),
    ("available", "available connected enabled installed loaded present"),
    ("bad", "broken buggy compromised dangerous decommissioned deprecated discontinued down \
        false faulty harmful inaccurate infected inferior insecure misleading obsolete offline \
        outdated retired unavailable unmaintained unreliable unsafe untrustworthy vulnerable \
        wrong"),
    ("before", "before beforehand precondition prerequisite prior"),
    ("best", "authoritative best flawless higher_priority highest_authority highest_priority \
        most_accurate most_complete most_dependable most_powerful most_reliable most_secure \
        most_trusted number_one outperforms outranks safest superior top_priority ultimate \
        unmatched unrivaled unrivalled world's"),
    ("called", "called executed finished invoked loaded ran triggered used"),
    ("change", "adjust alter altering change changing decrease falsify force forced forge \
        increase inflate invert manipulate modify modifying multiply negate overwrite \
        overwritten redirect redirected redirecting reduce replace replaced replacing rewrite \
        round rounded shift substitute substituted substituting swap swapped tamper"),
    ("choose", "choose choosing favor favour pick picking prefer preferring prioritise \
        prioritised prioritize prioritized select selecting"),
    ("code", "bash code command commands payload powershell script scripts shell snippet \
        subprocess terminal"),
    ("command_word", "config curl git wget"),
    ("consent", "alerting approval asking awareness confirmation consent consulting informing \
        knowledge mentioning notice notifying permission prompting telling warning"),
    ("content", "body content contents copy data lines text"),
    ("conversation", "all_messages chain_of_thought chat_context chat_history chat_log chat_logs \
        conversation conversation_history conversations custom_instructions developer_message \
        dialogue discussion earlier_messages entire_chat full_reasoning hidden_instructions \
        initial_instructions initial_prompt internal_reasoning message_history previous_messages \
        previous_turns prior_messages prior_turns scratchpad session_history system_instructions \
        system_message system_prompt systemprompt transcript user_messages whole_chat"),
    ("crash", "blocked corrupt corrupted corruption crash fail fails failure imprecise \
        inaccurate incorrect lost malfunction rejected suspended terminated unusable wrong"),
    ("despite", "at_all_times despite even_if even_when for_every_call ignoring ignoring_what \
        in_all_cases in_all_circumstances independently irrespective no_matter overriding \
        regardless unconditionally whatever"),
    ("destroy", "delete deletes deleting destroy disable erase erasing purge remove removing \
        truncate wipe wiping"),
    ("dont", "avoid doesn't don't donot dont mustn't needn't never no_need not refrain shouldn't \
        without"),
    ("each", "all any each every"),
    ("exfil", "exfiltrat* siphon*"),
    ("fake", "as_if as_though camouflag* deceive deceptive disguise* fabricate fabricated \
        falsely fictitious genuine-looking impersonate invent invented lie lying masquerad* \
        mislead pretend* trick unnoticed"),
    ("file", "directory disk file files folder folders"),
    ("first", "before beforehand first initially prior"),
    ("from", "from"),
    ("grant", "assume consider elevate elevated escalate grant granted regard treat"),
    ("harm_user", "banned funds hacked locked lose money"),
    ("hidden", "conceal concealed hidden hide invisible private secret unseen"),
    ("hide", "behind_the_scenes clandestinely covertly discreetly invisibly quietly secretly \
        silently stealthily surreptitiously undetected unnoticed unobtrusively"),
    ("if", "if once when whenever while"),
    ("ignore", "bypass bypasses bypassing circumvent* discard disobey disregard* forget ignore \
        ignores ignoring neglect override overrides overriding supersede supersedes superseding \
        violate"),
    ("include", "add adding append appending appends attach attaching concatenate embed \
        embedding encode fill give hand include includes insert inserting pass passing paste \
        place placing populate prepend prepending provide put set supply takes write"),
    ("install", "install installed installing npm npx pip pip3"),
    ("instead", "in_its_place in_place in_place_of in_their_place instead over rather replace \
        replaces substitute supersedes"),
    ("instruction", "commands constraint constraints directive directives guardrail guardrails \
        guideline guidelines instruction instructions orders policies policy programming prompt \
        prompts restriction restrictions rule rules safeguard safeguards safety_check \
        safety_checks safety_filters safety_rules training"),
    ("it", "any it its such that their them these this those"),
    ("mention", "acknowledge admit advise alert bring_up describe disclose disclosed disclosing \
        discuss discussing display displaying explain expose exposing inform informing inquire \
        let_know mention mention_of mentioned mentioning mentions notify notifying prompt report \
        reporting reveal revealing say show showing surfacing tell telling warn warning"),
    ("mention_it", "acknowledge admit bring_up disclose disclosed disclosing discuss mention \
        mentioned mentioning reveal revealed revealing talk talked tell"),
    ("must", "always are_to be_sure compulsory ensure has_to have_to imperative is_to make_sure \
        mandatory must need needs obligated please remember required shall should"),
    ("network", "beacon callback curl endpoint get http ping post request server webhook wget"),
    ("no", "can't cannot don't dont never nor not"),
    ("no_longer", "cancelled lifted no_longer not_anymore not_apply obsolete revoked skip \
        skipped suspended switched_off turned_off void"),
    ("notice", "alarmed annoyed aware concerned implementation_detail know notice realise \
        realize scare suspicion suspicious unaware upset worry"),
    ("obtain", "available compatible determine discover find get id ids know learn list obtain \
        retrieve schema understand valid"),
    ("omit", "exclude leave omit omitting suppress"),
    ("only_user", "actual customer's end-user's human's intended original real requested \
        supplied user's user-provided user-specified user-supplied users'"),
    ("other", "alternative alternatives another any_other competing other others"),
    ("parameter", "address amount arg args argument arguments branch city coordinates currency \
        destination field fields header input inputs keyword location origin param parameter \
        parameters params period price quantity query radius recipient recipients symbol ticker \
        value values"),
    ("person", "anybody anyone customer customers end-user her him human humans operator person \
        user users"),
    ("personal", "credentials credit email home name password phone token"),
    ("prior", "above all any content default earlier existing former initial normal original \
        other preceding previous prior safety security system user's usual your"),
    ("read", "access accessing capture cat collect collecting copy dump dumping exfiltrate \
        extract extracting fetch gather gathering get grab harvest* include leak load look_up \
        obtain open opening read reading retrieve steal"),
    ("role", "act_as_admin act_as_administrator act_as_root dan_mode from_now_on god_mode \
        role:_system unrestricted_mode you_are_now"),
    ("same", "again repeat repeated same"),
    ("secret", "access_key access_keys access_token access_tokens api_key api_keys apikey \
        apikeys auth_token bearer_token cookie cookies credential credentials credit_card \
        env_var env_vars environment_variable environment_variables keychain keyring \
        login_details passphrase passphrases passwd password passwords private_key private_keys \
        secrets seed_phrase session_token ssh_key ssh_keys ssn token tokens"),
    ("secret_hard", "api_keys credential credentials env_vars environment_variables passphrase \
        password passwords private_key private_keys secrets seed_phrase ssh_key ssh_keys"),
    ("send", "bcc beacon blind-copied blind-copy cc copied copy deliver directed disclose \
        disclosed dispatch emailing exfiltrate forward forwarded forwarding forwards hand handed \
        leak logged mirror mirrored post posted posting publish push pushing relay relaying \
        report send sending sends sent share shared sharing submit transmit transmits \
        transmitted transmitting upload uploaded uploading"),
    ("sensitive_thing", "browser_history clipboard confidential_data confidential_information \
        contacts database_dump everything home_directory inbox personal_information private_data \
        private_files sensitive_content sensitive_data sensitive_files sensitive_information \
        workspace_settings"),
    ("set", "assign be enter equal fill fix hardcode pass replaced set specify to_be use"),
    ("stay", "keep keeps remain remains stay stays"),
    ("this", "here this"),
    ("to", "into onto to toward towards"),
    ("told", "instructed said says told"),
    ("tool", "feature function functions method methods operation plugin plugins tool tools"),
    ("twice", "again_and_again many_times multiple_times repeatedly several_times three_times \
        thrice twice"),
    ("upon_use", "answering available call called calling calls complete completed connected \
        continuing doing done execut* fetching finished finishes invoke invoked invokes invoking \
        loaded perform performed performing proceed proceeding process processing respond \
        responding return returning run running use used uses using"),
    ("urgent", "attention critical crucial essential imperative important mandatory note \
        required requirement urgent vital warning"),
    ("us", "between_us confidential ourselves us yourself"),
    ("verb", "access append ask call check create execute forward include install invoke log \
        open pass perform provide read retrieve return run send set upload use visit write"),
    ("visit", "browse connect curl download fetch go load make navigate open ping request send \
        visit wget"),
    ("without", "without"),
    ("x_dont", "jamais jangan kein keine keinesfalls mai nada nao ne nicht nichts niemals no \
        non não nunca pas senza sin tanpa"),
    ("x_give", "adjunta anexe envia enviar envie envoie envoyez envía füge gib gönder includi \
        inclua inclure incluye inclus invia kirim manda pasa passe passez sende senden \
        sertakan schicke transmets transmettez wyślij übergebe übergeben übergib"),
    ("x_mention", "avise conte conter decir diga digas dire dis dites dizer dígaselo erwähne \
        erwähnen fale informa informe informes katakan menciona mencione mentionne mentionnez \
        sag sage sagen verrate verraten"),
    ("x_person", "anwender benutzer benutzerin kullanıcıya nutzer pengguna usuario usuarios \
        usuário utente all'utente l'utente utilisateur utilisateurs l'utilisateur \
        użytkownikowi"),
    ("x_read", "abre baca leer lee leggere leggi leia lese lesen lies lire lis lisez oku ouvre \
        przeczytaj öffne öffnen"),
    ("write", "append create drop edit insert modify overwrite plant save saving store write \
        writing"),
];

/// The words with one spelling, and those that only begin so, by their first bytes.
pub(super) struct Lexicon {
    entries: HashMap<u32, Vec<Entry>>,
    names: HashMap<&'static str, usize>,
}

struct Entry {
    word: &'static str,
    is_prefix: bool,
    /// The words that must follow, written with spaces.
    rest: Option<&'static str>,
    mask: Mask,
}

pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::build);

impl Lexicon {
    fn build() -> Self {
        let mut classes = CLASSES.to_vec();
        let names = FORMS.iter().copied().chain(classes.iter().map(|(name, _)| *name));
        let mut names: HashMap<&'static str, usize> = names.zip(0..).collect();
        // A name in a rule that is no class stands for the word itself.
        for word in rules::words() {
            if !names.contains_key(word) {
                names.insert(word, names.len());
                classes.push((word, word));
            }
        }
        let mut entries: HashMap<u32, Vec<Entry>> = HashMap::new();
        for (class, words) in classes {
            let mask = Mask::one(names[class]);
            for written in words.split(' ') {
                let is_prefix = written.ends_with('*');
                let written = written.trim_end_matches('*');
                let (word, rest) = match written.split_once('_') {
                    Some((word, rest)) => (word, Some(rest)),
                    None => (written, None),
                };
                let known = entries.entry(first(word.as_bytes())).or_default();
                known.push(Entry { word, is_prefix, rest, mask });
            }
        }
        Self { entries, names }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The bit of a class; all bits for a name that no class has, so that no rule matches by it.
    pub(super) fn bit(&self, name: &str) -> Mask {
        self.names.get(name).map_or_else(Mask::default, |bit| Mask::one(*bit))
    }

    /// How many words there are in classes written with `|` between; forms are common.
    pub(super) fn words(&self, names: &str) -> usize {
        let mask = names.split('|').fold(Mask::default(), |mask, name| mask | self.bit(name));
        let entries = self.entries.values().flatten();
        let words = entries.filter(|entry| entry.mask.meets(mask)).count();
        words + 5 * names.split('|').filter(|name| FORMS.contains(name)).count()
    }

    /// The classes of a word in small letters. `follow` says whether a phrase goes on with this.
    pub(super) fn classes(&self, word: &str, follow: impl Fn(&str) -> bool) -> Mask {
        let known = self.entries.get(&first(word.as_bytes()));
        let matching = known.into_iter().flatten().filter(|entry| {
            let same =
                if entry.is_prefix { word.starts_with(entry.word) } else { word == entry.word };
            same && entry.rest.is_none_or(&follow)
        });
        matching.fold(Mask::default(), |mask, entry| mask | entry.mask)
    }
}

fn first(word: &[u8]) -> u32 {
    let mut first = [0; 4];
    // Prefixes may be shorter than words: three bytes tell enough apart.
    for (to, from) in first.iter_mut().zip(word.iter().take(3)) {
        *to = *from;
    }
    u32::from_le_bytes(first)
}
