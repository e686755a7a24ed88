// The catalogue's one script: search without a server, and buttons that copy. Whatever comes from
// a tool's definition is only ever set as text.
"use strict";
(() => {
  const root = document.body.dataset.root;
  const field = document.getElementById("q");
  const hits = document.getElementById("hits");
  const SHOWN_MAX = 40;
  let entries = null;
  let loading = false;

  const load = () => {
    if (loading) return;
    loading = true;
    const script = document.createElement("script");
    script.src = root + "search-data.js";
    script.onload = () => { entries = unfold(window.TOOLGATE); search(); };
    document.head.append(script);
  };

  // One entry for each server, tool and attack: what, name, where, path, name in lower case.
  const unfold = (data) => {
    const all = [];
    for (const [name, path, grade, tools] of data.servers) {
      all.push({ what: "server", name, where: "grade " + grade, path, key: name.toLowerCase() });
      for (const [tool, severity, place] of tools) {
        const at = place && place.endsWith(".html") ? place : path + "#t-" + (place || tool);
        all.push({ what: "tool", name: tool, where: name, path: at, severity, key: tool.toLowerCase() });
      }
    }
    for (const [name, summary, path] of data.attacks) {
      all.push({ what: "attack", name, where: "", path, key: (name + " " + summary).toLowerCase() });
    }
    return all;
  };

  // Smaller is better; -1: not at all. Every word must be in the name, or in where it is.
  const rank = (entry, words) => {
    let sum = 0;
    for (const word of words) {
      const at = entry.key.indexOf(word);
      if (at < 0) {
        if (entry.where.toLowerCase().indexOf(word) < 0) return -1;
        sum += 6;
      } else if (entry.key === word) sum += 0;
      else if (at === 0) sum += 2;
      else sum += /[^a-z0-9]/.test(entry.key[at - 1]) ? 3 : 5;
    }
    return sum + (entry.what === "tool" ? 1 : 0) + Math.min(entry.key.length, 90) / 100;
  };

  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length || !entries) { hits.hidden = true; return; }
    const found = [];
    for (const entry of entries) {
      const worth = rank(entry, words);
      if (worth >= 0) found.push([worth, entry]);
    }
    found.sort((a, b) => a[0] - b[0]);
    show(found.slice(0, SHOWN_MAX).map((pair) => pair[1]), found.length);
  };

  const part = (kind, text) => {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    return span;
  };

  const show = (list, count) => {
    const links = list.map((entry) => {
      const link = document.createElement("a");
      link.href = root + entry.path;
      link.append(part("what", entry.what), part("name", entry.name), part("where", entry.where));
      return link;
    });
    const note = document.createElement("p");
    note.setAttribute("role", "status");
    note.textContent = count === 0 ? "Nothing found." : count > list.length ? `The best ${list.length} of ${count}.` : `${count} found.`;
    hits.replaceChildren(...links, note);
    hits.hidden = false;
  };

  const step = (by) => {
    const links = [...hits.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement) + by;
    if (at < 0 || !links.length) field.focus();
    else links[Math.min(at, links.length - 1)].focus();
  };

  field.addEventListener("focus", load);
  field.addEventListener("input", () => { load(); search(); });
  document.addEventListener("keydown", (event) => {
    const inside = document.activeElement === field || hits.contains(document.activeElement);
    if (event.key === "/" && !inside) { event.preventDefault(); field.focus(); }
    if (!inside) return;
    if (event.key === "Escape") { hits.hidden = true; field.focus(); }
    if (event.key === "Enter" && document.activeElement === field) hits.querySelector("a")?.click();
    if (event.key === "ArrowDown") { event.preventDefault(); step(1); }
    if (event.key === "ArrowUp") { event.preventDefault(); step(-1); }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) hits.hidden = true;
  });

  for (const pre of document.querySelectorAll("pre")) {
    if (pre.classList.contains("diff")) continue;
    const box = document.createElement("div");
    const button = document.createElement("button");
    box.className = "copyable";
    button.className = "copy";
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const text = pre.textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    pre.replaceWith(box);
    box.append(pre, button);
  }
})();
