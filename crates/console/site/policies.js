// The builder and the text, each following the other. Without it, every button posts the form.
"use strict";
(() => {
  const form = document.getElementById("draft");
  const text = document.getElementById("text");
  if (!form || !text) return;
  const PAUSE_MS = 350;
  let timer = 0;
  let asked = 0;

  // A page of ours comes back; its halves take the place of those that are here.
  const preview = (button, value) => {
    const fields = new URLSearchParams(new FormData(form));
    fields.set("do", value);
    const turn = ++asked;
    const was = text.value;
    const request = new XMLHttpRequest();
    request.open("POST", form.getAttribute("action"));
    request.responseType = "document";
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.addEventListener("load", () => {
      // A newer one is under way.
      if (turn !== asked) return;
      const page = request.response;
      const model = page && page.getElementById("model");
      const answer = page && page.getElementById("text");
      if (request.status !== 200 || !model || !answer) {
        form.requestSubmit(document.getElementById("check"));
        return;
      }
      document.getElementById("model").replaceWith(document.adoptNode(model));
      // What was typed meanwhile stays.
      if (text.value === was && answer.value !== was) text.value = answer.value;
      const opened = value === "add" || value.startsWith("open:");
      const again = (opened && document.getElementById("open-tool")) ||
        (button && document.getElementById(button)) || document.getElementById("tools");
      if (button && again) again.focus();
    });
    request.addEventListener("error", () => form.requestSubmit(document.getElementById("check")));
    request.send(fields);
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "do" || button.hasAttribute("formaction")) return;
    if (button.id === "check") return;
    event.preventDefault();
    clearTimeout(timer);
    preview(button.id, button.value);
  });
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => preview(null, "check"), PAUSE_MS);
  });
  form.addEventListener("change", (event) => {
    if (event.target.id === "as") preview("as", "check");
  });
})();
