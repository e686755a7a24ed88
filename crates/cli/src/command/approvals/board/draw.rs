//! The board as it is drawn.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};
use toolgate_store::Approval;

use super::{Board, Prompt};
use crate::approvals::{arguments, brief, call, facts, folded, left};
use crate::output::visible;

const LISTED_MAX: usize = 8;
const KEYS: &str = "a approve  d deny  ↑↓ choose  PageUp PageDown End read  q quit";

impl Board {
    pub(in super::super) fn draw(&mut self, frame: &mut Frame<'_>) {
        let listed = self.approvals.len().clamp(1, LISTED_MAX);
        let listed = u16::try_from(listed).unwrap_or(1);
        let heights = [
            Constraint::Length(1),
            Constraint::Length(listed),
            Constraint::Min(3),
            Constraint::Length(1),
            Constraint::Length(1),
        ];
        let [title, list, whole, say, keys] = Layout::vertical(heights).areas(frame.area());
        let count = self.approvals.len();
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let text = format!("{count} waiting for a person");
        frame.render_widget(Line::styled(text, bold), title);
        self.draw_list(frame, list);
        self.draw_whole(frame, whole);
        frame.render_widget(Line::styled(self.said(), bold), say);
        let help = if self.prompt.is_some() { "Enter answer  Esc back" } else { KEYS };
        frame.render_widget(Line::raw(help), keys);
    }

    fn draw_list(&self, frame: &mut Frame<'_>, area: Rect) {
        let height = usize::from(area.height);
        let place = self.place().unwrap_or(0);
        let first = (place + 1).saturating_sub(height);
        let shown = self.approvals.iter().enumerate().skip(first).take(height);
        let lines: Vec<Line<'_>> = shown
            .map(|(at, approval)| {
                let chosen = at == place;
                let mark = if chosen { ">" } else { " " };
                let style = if chosen {
                    Style::new().add_modifier(Modifier::REVERSED)
                } else {
                    Style::new()
                };
                Line::styled(format!("{mark} {}", row(approval, area.width.into())), style)
            })
            .collect();
        frame.render_widget(Paragraph::new(lines), area);
    }

    fn draw_whole(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let block = Block::bordered();
        let inner = block.inner(area);
        let Some(approval) = self.current() else {
            frame.render_widget(Paragraph::new("nothing is pending").block(block), area);
            return;
        };
        let (id, lines) = (approval.id.clone(), whole(approval, inner.width.into()));
        let (count, height) = (lines.len(), usize::from(inner.height));
        self.lines = (count, height);
        self.scroll = self.scroll.min(count.saturating_sub(height));
        let end = (self.scroll + height).min(count);
        if end == count && height > 0 {
            self.read.insert(id);
        }
        let place = format!(" lines {} to {end} of {count} ", self.scroll + 1);
        let more = if end < count { " ↓ more below " } else { " end " };
        let shown = lines.into_iter().skip(self.scroll).take(height).map(Line::raw);
        let block = block.title_bottom(place).title_bottom(more);
        frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()).block(block), area);
    }

    fn said(&self) -> String {
        let Some(Prompt { id, yes, reason }) = &self.prompt else { return visible(&self.message) };
        let call = self.approvals.iter().find(|it| it.id == *id).map(call).unwrap_or_default();
        let word = if *yes { "APPROVE" } else { "DENY" };
        format!("{word} {call} ({id}); reason, may be empty: {reason}_")
    }
}

fn row(approval: &Approval, width: usize) -> String {
    let (id, call, grant) = (&approval.id, call(approval), visible(&approval.caller.grant));
    let text = format!("{id}  {:>6}  {call}  {grant}  ", left(approval.left_ms));
    let room = width.saturating_sub(text.chars().count() + 2);
    text + &brief(approval, room)
}

/// Every line that a person says yes to.
fn whole(approval: &Approval, width: usize) -> Vec<String> {
    let facts = facts(approval).into_iter().map(|(name, text)| format!("{name:<11}{text}"));
    let mut lines: Vec<String> = facts.collect();
    lines.push("arguments".to_owned());
    lines.extend(arguments(approval).into_iter().map(|line| format!("  {line}")));
    folded(&lines, width)
}
