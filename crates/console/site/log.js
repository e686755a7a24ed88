// New decisions in the log's page, as they are recorded. Without it the page shows those there were.
"use strict";
(() => {
  const SHOWN_MAX = 200;
  const live = document.getElementById("live");
  const body = document.getElementById("rows");
  if (!live || !body || !live.dataset.events) return;
  const table = body.closest("table");
  const button = document.getElementById("pause");
  const state = document.getElementById("live-state");
  let waiting = [];
  let missed = 0;
  let dropped = 0;
  let isMore = false;
  let isPaused = false;
  let isOpen = false;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  // Other people's words: texts, and names of characters that would not be seen.
  const foreign = (pieces) => pieces.flatMap((piece) => {
    if (typeof piece === "string") return [element("bdi", "", piece)];
    const mark = element("span", "mark", piece[0]);
    return piece[1] ? [mark, document.createElement("br")] : [mark];
  });
  const drawn = (row) => {
    const made = element("tr", "");
    made.dataset.seq = row.seq;
    const effect = element("td", "", element("span", `effect ${row.effect}`, row.effect));
    if (row.shadow) effect.append(" ", element("span", "effect shadow", `in shadow: ${row.shadow}`));
    const link = element("a", "", ...foreign(row.tool));
    link.href = `/log/${encodeURIComponent(row.id)}`;
    const call = element("th", "", link, " ", element("span", "dim", "at ", ...foreign(row.server)));
    call.scope = "row";
    const by = element("td", "", ...foreign(row.grant), " ", element("span", "dim", ...foreign(row.principal)));
    const why = element("td", "", ...foreign(row.why), element("span", "end", row.end));
    made.append(element("td", "time", row.time), effect, call, by, why);
    return made;
  };
  const say = () => {
    const parts = [];
    if (!isOpen) parts.push("not connected, trying again");
    else if (isPaused) parts.push(waiting.length + dropped ? `paused, ${waiting.length + dropped} new` : "paused");
    else parts.push("live");
    if (missed || isMore) parts.push(`missed ${isMore ? "some" : missed}: open the page again for all of them`);
    const text = parts.join(" · ");
    if (state.textContent !== text) state.textContent = text;
  };
  const show = () => {
    const rows = document.createDocumentFragment();
    for (const row of waiting.reverse()) rows.append(drawn(row));
    waiting = [];
    dropped = 0;
    if (rows.childElementCount) {
      table.hidden = false;
      document.getElementById("nothing")?.remove();
      body.prepend(rows);
      while (body.rows.length > SHOWN_MAX) body.lastElementChild.remove();
    }
  };
  const ended = (ends) => {
    for (const [seq, words] of ends) {
      const of = waiting.find((row) => row.seq === seq);
      if (of) of.end = words;
      const there = body.querySelector(`tr[data-seq="${Number(seq)}"] .end`);
      if (there) there.textContent = words;
    }
  };

  const source = new EventSource(live.dataset.events);
  source.onopen = () => { isOpen = true; say(); };
  source.onerror = () => { isOpen = false; say(); };
  source.onmessage = (message) => {
    const news = JSON.parse(message.data);
    missed += news.missed;
    isMore = isMore || news.more;
    waiting.push(...news.rows);
    if (waiting.length > SHOWN_MAX) {
      dropped += waiting.length - SHOWN_MAX;
      waiting = waiting.slice(-SHOWN_MAX);
    }
    ended(news.ends);
    if (!isPaused) show();
    say();
  };
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", String(isPaused));
    if (!isPaused) show();
    say();
  });
  live.hidden = false;
  say();
})();
