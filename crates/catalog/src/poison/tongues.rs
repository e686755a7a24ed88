//! Orders in scripts other than Latin, by their usual phrases. Words of languages in Latin letters
//! are classes of the lexicon (`x_dont` and its like).

use super::evidence::Evidence;

type Phrases = (&'static str, &'static str, &'static [&'static str]);

/// zh, ja, ko, ru, uk, ar, hi.
#[rustfmt::skip]
const PHRASES: [Phrases; 2] = [
    ("concealment", "asks to keep something from the user", &[
        "不要告诉用户", "别告诉用户", "不要告訴", "不要向用户", "勿告知用户", "不要让用户知道", "对用户保密",
        "ユーザーに言わない", "ユーザーには言わない", "ユーザーに伝えない", "ユーザーに知らせない", "ユーザーには伝えない",
        "사용자에게 말하지", "사용자에게 알리지", "не говори пользовател", "не сообщай пользовател",
        "не говорите пользовател", "не сообщайте пользовател",
    "не кажи користувач", "لا تخبر المستخدم",
        "उपयोगकर्ता को न बता", "उपयोगकर्ता को मत बता",
    ]),
    ("instruction-override", "sets itself over the user's or the system's instructions", &[
        "忽略之前的", "忽略以上", "忽略先前", "无视之前", "無視之前", "以前の指示を無視", "これまでの指示を無視",
        "이전 지시를 무시", "이전 지침을 무시", "игнорируй предыдущ", "игнорируйте предыдущ", "забудь предыдущ",
        "ігноруй попередн", "تجاهل التعليمات السابقة", "पिछले निर्देशों को अनदेखा",
    ]),
];
/// Verbs for reading something and for handing it on.
const TAKES: [&str; 30] = [
    "读取",
    "讀取",
    "发送",
    "發送",
    "传入",
    "传递",
    "上传",
    "附上",
    "填入",
    "読み",
    "読んで",
    "送信",
    "渡し",
    "읽",
    "전송",
    "보내",
    "прочит",
    "прочти",
    "отправ",
    "перед",
    "вложи",
    "надішл",
    "اقرأ",
    "أرسل",
    "قراءة",
    "إرسال",
    "पढ़",
    "भेज",
    "打开",
    "開いて",
];

pub(super) fn orders(text: &str, found: &mut Vec<Evidence>) {
    if text.is_ascii() {
        return;
    }
    let small = text.to_lowercase();
    // Small letters may be longer; then the place is the whole text.
    let span = |at: usize, length: usize| {
        if small.len() == text.len() { at..at + length } else { 0..text.len() }
    };
    for (id, said, phrases) in PHRASES {
        let hit = phrases.iter().find_map(|phrase| Some((small.find(phrase)?, phrase.len())));
        if let Some((at, length)) = hit {
            found.push(evidence(id, said, span(at, length)));
        }
    }
    let path = found.iter().find(|one| one.id == "secrets-file").map(|one| one.span.clone());
    if let Some(span) = path
        && TAKES.iter().any(|verb| small.contains(verb))
    {
        let said = "asks for secrets, conversations or files to be passed on";
        found.push(evidence("exfiltration-order", said, span));
    }
}

fn evidence(id: &'static str, said: &str, span: std::ops::Range<usize>) -> Evidence {
    Evidence { id, weight: 4, said: said.to_owned(), quote: None, span }
}
