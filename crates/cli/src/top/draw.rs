//! The screen of `toolgate top`.

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};

use super::Look;
use super::text::{Part, notices, parts, summary};
use crate::screen;

/// What is shown, and how far it is scrolled.
#[derive(Default)]
pub(crate) struct Board {
    look: Look,
    is_paused: bool,
    is_plain: bool,
    /// Which part the arrows move.
    focus: usize,
    scroll: [usize; PARTS],
}

const PARTS: usize = 5;
const KEYS: &str = "q quit  p pause  ←→ choose a part  ↑↓ scroll";

impl Board {
    /// Without colours, if so.
    pub(crate) fn new(is_plain: bool) -> Self {
        Self { is_plain, ..Self::default() }
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.is_paused
    }

    pub(crate) fn renew(&mut self, look: Look) {
        self.look = look;
    }

    /// False once somebody has seen enough.
    pub(crate) fn press(&mut self, key: KeyEvent) -> bool {
        if screen::ends(key) || key.code == KeyCode::Esc {
            return false;
        }
        match key.code {
            KeyCode::Char('p') => self.is_paused = !self.is_paused,
            KeyCode::Left | KeyCode::BackTab => self.focus = (self.focus + PARTS - 1) % PARTS,
            KeyCode::Right | KeyCode::Tab => self.focus = (self.focus + 1) % PARTS,
            KeyCode::Up => {
                self.scroll[self.focus] = self.scroll[self.focus].saturating_sub(1);
            }
            KeyCode::Down => self.scroll[self.focus] += 1,
            _ => {}
        }
        true
    }

    pub(crate) fn draw(&mut self, frame: &mut Frame<'_>) {
        let notices = notices(&self.look);
        let above = u16::try_from(notices.len()).unwrap_or(u16::MAX).min(3);
        let heights = [
            Constraint::Length(1),
            Constraint::Length(above),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Fill(1),
            Constraint::Length(1),
        ];
        let [title, warm, upper, middle, lower, keys] =
            Layout::vertical(heights).areas(frame.area());
        let paused = if self.is_paused { "   PAUSED" } else { "" };
        let bold = Style::new().add_modifier(Modifier::BOLD);
        frame.render_widget(Line::styled(summary(&self.look) + paused, bold), title);
        let lines: Vec<Line<'_>> = notices
            .into_iter()
            .map(|line| Line::styled(line, self.paint(bold, Color::Cyan)))
            .collect();
        frame.render_widget(Paragraph::new(lines), warm);
        let halves = |area| Layout::horizontal([Constraint::Fill(1); 2]).areas::<2>(area);
        let ([servers, grants], [denials, budgets]) = (halves(upper), halves(middle));
        for (place, (part, area)) in parts(&self.look)
            .into_iter()
            .zip([servers, grants, denials, budgets, lower])
            .enumerate()
        {
            self.draw_part(frame, (place, &part), area);
        }
        frame.render_widget(Line::raw(KEYS), keys);
    }

    fn draw_part(&mut self, frame: &mut Frame<'_>, (place, part): (usize, &Part), area: Rect) {
        let focused = place == self.focus;
        let style = if focused { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        let mark = if focused { "▶ " } else { "" };
        let block = Block::bordered().border_style(style).title(format!("{mark}{}", part.title));
        let height = usize::from(block.inner(area).height);
        let most = part.rows.len().saturating_sub(height);
        self.scroll[place] = self.scroll[place].min(most);
        let shown = part.rows.iter().skip(self.scroll[place]).take(height);
        let lines: Vec<Line<'_>> =
            shown.map(|row| Line::styled(row, self.row(place, row))).collect();
        let hidden = most - self.scroll[place];
        let block =
            if hidden > 0 { block.title_bottom(format!("↓ {hidden} more")) } else { block };
        frame.render_widget(Paragraph::new(lines).block(block), area);
    }

    /// A budget that is nearly spent stands out; its number says so too.
    fn row(&self, place: usize, row: &str) -> Style {
        const BUDGETS: usize = 3;
        let percent = row.trim_start().split('%').next().and_then(|digits| digits.parse().ok());
        match percent.filter(|_| place == BUDGETS) {
            Some(100_u64..) => self.paint(Style::new(), Color::Red),
            Some(80..) => self.paint(Style::new(), Color::Yellow),
            Some(_) | None => Style::new(),
        }
    }

    fn paint(&self, style: Style, colour: Color) -> Style {
        if self.is_plain { style } else { style.fg(colour) }
    }
}
