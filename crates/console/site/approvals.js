// Keys for those who answer often, and a word on the desktop when a question comes.
"use strict";
(() => {
  const isTyping = (target) => target instanceof Element && target.closest("input, textarea, select, button, summary");
  const step = (by) => {
    const links = [...document.querySelectorAll(".cards h2 a")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  };
  const answer = (act, words) => {
    const form = document.querySelector(`form[action$="/${act}"]`);
    // The browser itself says what is missing, and nothing is answered without a second yes.
    if (!form || !form.reportValidity() || !window.confirm(words)) return;
    form.requestSubmit();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "a") answer("approve", "Approve this exact call, once?");
    else if (event.key === "d") answer("deny", "Deny this call?");
  });

  const place = document.getElementById("notify");
  if (!place || !window.Notification || !window.EventSource) return;
  const KEY = "toolgate-notify";
  const say = (...parts) => place.replaceChildren(...parts);
  const again = () => {
    const link = document.createElement("a");
    link.href = "/approvals";
    link.textContent = "There is a new question: look";
    say(link);
  };
  const listen = () => {
    say("This browser tells you when a question comes, while this page is open.");
    new EventSource(place.dataset.events).addEventListener("message", (event) => {
      const told = JSON.parse(event.data);
      if (!told.rows.length && !told.missed) return;
      again();
      // Whoever makes the call has no say in what the desktop shows.
      const shown = new Notification("toolgate", { body: "A call waits for an answer.", tag: "toolgate-approvals" });
      shown.addEventListener("click", () => { window.focus(); window.location.assign("/approvals"); });
    });
  };
  if (Notification.permission === "granted" && localStorage.getItem(KEY) === "yes") {
    listen();
    return;
  }
  if (Notification.permission === "denied") return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = "Tell me on the desktop";
  button.addEventListener("click", async () => {
    if (await Notification.requestPermission() !== "granted") {
      say("The browser does not allow it.");
      return;
    }
    localStorage.setItem(KEY, "yes");
    listen();
  });
  say(button);
})();
