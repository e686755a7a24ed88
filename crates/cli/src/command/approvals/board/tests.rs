//! The board: keys, what is shown, what is never obeyed.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use toolgate_policy::{Caller, Principal};
use toolgate_store::{Rule, State};

use super::*;

fn approval(id: &str, arguments: &str) -> Approval {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    let caller = Caller { principal, grant: "ann".to_owned(), server: "shop".to_owned() };
    Approval {
        id: id.to_owned(),
        state: State::Pending,
        caller,
        client: None,
        method: "tools/call".to_owned(),
        tool: Some("refund".to_owned()),
        revision: "r1".to_owned(),
        digest: None,
        fingerprint: None,
        rules: vec![Rule { pointer: "/tools/refund/rules/0".to_owned(), layer: 0 }],
        words: None,
        approvers: Vec::new(),
        in_client: false,
        arguments: Some(arguments.to_owned()),
        arguments_bytes: arguments.len() as u64,
        decision_id: "dec_00000000_1".to_owned(),
        asked_ms: 0,
        told_ms: 0,
        expires_ms: 60_000,
        left_ms: 60_000,
        given: None,
        used: None,
        signed_by: None,
    }
}

fn press(board: &mut Board, code: KeyCode) -> Option<Want> {
    board.press(KeyEvent::from(code))
}

/// What stands on a terminal of this size.
fn screen(board: &mut Board, (width, height): (u16, u16)) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| board.draw(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(line).collect()
}

fn shows(lines: &[String], part: &str) -> bool {
    lines.iter().any(|line| line.contains(part))
}

#[test]
fn an_answer_takes_two_keys_and_may_have_a_reason() {
    let mut board = Board::default();
    board.renew(vec![approval("apr_1", r#"{"amount":20}"#), approval("apr_2", "")]);
    let lines = screen(&mut board, (100, 30));
    assert!(shows(&lines, "2 waiting") && shows(&lines, "> apr_1"), "{lines:#?}");
    assert!(
        shows(&lines, "\"amount\": 20") && shows(&lines, "/tools/refund/rules/0"),
        "{lines:#?}"
    );
    assert_eq!(press(&mut board, KeyCode::Char('a')), None);
    let lines = screen(&mut board, (100, 30));
    assert!(shows(&lines, "APPROVE shop/refund (apr_1); reason"), "{lines:#?}");
    for c in "ok\u{202e}!x".chars() {
        assert_eq!(press(&mut board, KeyCode::Char(c)), None);
    }
    press(&mut board, KeyCode::Backspace);
    let (id, reason) = ("apr_1".to_owned(), Some("ok!".to_owned()));
    let want = Want::Answer { id, yes: true, reason };
    assert_eq!(press(&mut board, KeyCode::Enter), Some(want));
    press(&mut board, KeyCode::Down);
    assert_eq!(press(&mut board, KeyCode::Char('d')), None);
    let want = Want::Answer { id: "apr_2".to_owned(), yes: false, reason: None };
    assert_eq!(press(&mut board, KeyCode::Enter), Some(want));
    assert_eq!(press(&mut board, KeyCode::Char('q')), Some(Want::Quit));
}

/// The dangerous part may be the last one.
#[test]
fn what_was_not_read_to_its_end_cannot_be_approved() {
    let long = format!(r#"{{"script":"{}rm -rf /"}}"#, "echo ok; ".repeat(400));
    let mut board = Board::default();
    board.renew(vec![approval("apr_1", &long)]);
    let lines = screen(&mut board, (60, 20));
    assert!(!shows(&lines, "rm -rf") && shows(&lines, "more below"), "{lines:#?}");
    assert_eq!(press(&mut board, KeyCode::Char('a')), None);
    assert_eq!(press(&mut board, KeyCode::Enter), None, "no prompt was opened");
    let mut seen = false;
    for _ in 0..20 {
        let lines = screen(&mut board, (60, 20));
        let marks = |c: char| "│↳ \n".contains(c);
        seen |= lines.concat().replace(marks, "").contains("rm-rf/\"");
        press(&mut board, KeyCode::PageDown);
    }
    assert!(seen);
    press(&mut board, KeyCode::Char('a'));
    assert!(matches!(press(&mut board, KeyCode::Enter), Some(Want::Answer { yes: true, .. })));
    // One that cannot be shown whole is not approved here at all.
    let cut = Approval { arguments_bytes: 1 << 20, ..approval("apr_2", "{}") };
    board.renew(vec![cut]);
    screen(&mut board, (60, 40));
    press(&mut board, KeyCode::Char('a'));
    assert!(shows(&screen(&mut board, (120, 40)), "--unread"));
    assert_eq!(press(&mut board, KeyCode::Enter), None);
}

#[test]
fn what_comes_and_goes_does_not_move_what_is_chosen() {
    let mut board = Board::default();
    board.renew(vec![approval("apr_1", ""), approval("apr_2", "")]);
    press(&mut board, KeyCode::Down);
    screen(&mut board, (100, 30));
    press(&mut board, KeyCode::Char('a'));
    board.renew(vec![approval("apr_0", ""), approval("apr_2", ""), approval("apr_3", "")]);
    let want = Want::Answer { id: "apr_2".to_owned(), yes: true, reason: None };
    assert_eq!(press(&mut board, KeyCode::Enter), Some(want));
    // It ended by itself while somebody was about to answer.
    press(&mut board, KeyCode::Char('d'));
    board.renew(vec![approval("apr_3", "")]);
    assert_eq!(press(&mut board, KeyCode::Enter), None);
    assert!(shows(&screen(&mut board, (100, 30)), "apr_2 is no longer pending"));
}

/// T17 of the bypass catalogue: nothing paints, moves, or stands there unseen.
#[test]
fn foreign_characters_are_told_and_not_obeyed() {
    let evil = "{\"a\":\"\u{1b}[2J\u{202e}\u{e0041}\u{200b}\u{7f}\"}";
    let mut board = Board::default();
    let mut one = approval("apr_1", evil);
    one.tool = Some("re\u{202e}fund\u{1b}[31m".to_owned());
    one.words = Some("\u{1b}]0;x\u{7}".to_owned());
    board.renew(vec![one]);
    let lines = screen(&mut board, (160, 30)).concat();
    for part in ["\\u{1b}[2J\\u{202e}\\u{e0041}\\u{200b}\\u{7f}", "re\\u{202e}fund\\u{1b}[31m"] {
        assert!(lines.contains(part), "{part} in {lines}");
    }
    assert!(!lines.chars().any(toolgate_catalog::is_hidden));
    assert!(lines.contains("are not ASCII"));
}

#[test]
fn any_size_of_terminal_is_drawn_on() {
    let mut board = Board::default();
    let many = (0..30).map(|n| approval(&format!("apr_{n}"), r#"{"x":"語語語"}"#)).collect();
    board.renew(many);
    for size in [(1, 1), (3, 2), (20, 5), (80, 24), (300, 100)] {
        screen(&mut board, size);
        press(&mut board, KeyCode::Down);
        press(&mut board, KeyCode::End);
    }
}
