//! The screen of `top`, on a terminal of the test.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use toolgate_policy::{Amount, Scope};
use toolgate_store::{Budget, Extent, Freeze};

use super::look::Denial;
use super::tally::Tally;
use super::*;

fn whole(units: u128) -> Amount {
    Amount::from_units(units * Amount::ONE.units())
}

fn budget(counter: &str, used: u128) -> Budget {
    Budget {
        counter: counter.to_owned(),
        unit: "calls",
        scope: Scope::Server,
        owner: "shop".to_owned(),
        rule: "/tools/refund/limits/0".to_owned(),
        used: whole(used),
        max: whole(50),
        window_s: 3600,
        at_ms: 0,
        seq: 1,
    }
}

fn look() -> Look {
    let tally = |allow, deny| Tally { allow, deny, limit: 1, pending: 0 };
    let denial = |code: &str, count| Denial { code: code.to_owned(), rule: String::new(), count };
    Look {
        window_s: 60,
        calls_per_10s: 12,
        all: tally(10, 2),
        servers: vec![("sh\u{202e}op".to_owned(), tally(10, 2))],
        grants: (0..40).map(|n| (format!("grant-{n}"), tally(n, 0))).collect(),
        denials: vec![denial("default_deny", 2), denial("frozen\u{1b}[2J", 1)],
        budgets: vec![budget("refunds", 50), budget("mails", 3)],
        freezes: vec![Freeze {
            extent: Extent::Server("shop".to_owned()),
            reason: Some("incident 7".to_owned()),
            by: "os:ann".to_owned(),
            since_ms: 0,
        }],
        ..Look::default()
    }
}

fn screen(board: &mut Board, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| board.draw(frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>() + "\n";
    (0..height).map(line).collect()
}

#[test]
fn a_look_is_drawn_whole_and_nothing_in_it_is_obeyed() {
    let mut board = Board::new(false);
    board.renew(look());
    let shown = screen(&mut board, (120, 30));
    for part in [
        "1.2 calls/s   allow 10  deny 2  limit 1  pending 0   in the last 60 s",
        "FROZEN server `shop`, since",
        "by os:ann: incident 7",
        "sh\\u{202e}op",
        "2  default_deny",
        "frozen\\u{1b}[2J",
        "100%  50 of 50 in 3600 s  refunds  shop",
        "6%  3 of 50",
        "waiting for a person",
        "more",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    for line in to_text(&look()).lines() {
        assert!(!line.chars().any(toolgate_catalog::is_hidden), "{line:?}");
    }
}

#[test]
fn keys_choose_scroll_pause_and_end() {
    let mut board = Board::new(true);
    board.renew(look());
    let press = |board: &mut Board, code| board.press(KeyEvent::from(code));
    assert!(screen(&mut board, (120, 30)).contains("▶ servers"));
    assert!(press(&mut board, KeyCode::Right));
    let shown = screen(&mut board, (120, 30));
    assert!(shown.contains("▶ grants") && shown.contains("grant-0 "), "{shown}");
    for _ in 0..100 {
        assert!(press(&mut board, KeyCode::Down));
        screen(&mut board, (120, 30));
    }
    let shown = screen(&mut board, (120, 30));
    assert!(shown.contains("grant-39") && !shown.contains("grant-0 "), "{shown}");
    assert!(press(&mut board, KeyCode::Char('p')) && board.is_paused());
    assert!(screen(&mut board, (120, 30)).contains("PAUSED"));
    assert!(!press(&mut board, KeyCode::Char('q')));
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert!(!board.press(interrupt));
    for size in [(1, 1), (10, 4), (300, 90)] {
        screen(&mut board, size);
    }
}
