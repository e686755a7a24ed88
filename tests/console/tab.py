"""A tab of a real browser that is watched: what runs, what is asked for, what stands where it should not."""

import json
import re
from urllib.parse import urlsplit

# Before any script of the page: whoever calls `hit`, or sets it, is told of.
TRIPWIRE = """(() => {
  const told = (what) => console.error("HIT " + what);
  const hit = (n) => told(n);
  Object.defineProperty(window, "hit", { get: () => hit, set: told, configurable: false });
  addEventListener("securitypolicyviolation", (e) =>
    console.error(`CSP ${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
})();"""
# Markup that no template of ours has.
FOREIGN = """() => {
  const ours = new Set(%s);
  const found = [];
  for (const e of document.querySelectorAll("*")) {
    if (e.hasAttribute("data-hit")) found.push(e.outerHTML.slice(0, 120));
    for (const { name, value } of e.attributes) {
      if (name.startsWith("on")) found.push(`${e.tagName} has ${name}`);
      if (name === "style") found.push(`${e.tagName} has a style`);
      if (/^[\\s\\x00-\\x20]*(javascript|vbscript|data):/i.test(value) && /^(href|src|action|formaction|xlink:href)$/.test(name))
        found.push(`${e.tagName} leads to ${value.slice(0, 60)}`);
    }
    if (/^(base|embed|iframe|object|style|template|math|noscript|plaintext)$/i.test(e.tagName)) found.push(`a ${e.tagName}`);
    if (e.tagName === "SCRIPT" && !ours.has(new URL(e.src || "about:blank", location).pathname)) found.push(`script ${e.outerHTML.slice(0, 80)}`);
  }
  return found;
}"""
AXE = """async () => {
  const told = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
  return told.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join("; ")}`
    + ` (${v.nodes.length}; ${v.nodes[0].any.concat(v.nodes[0].all).map((c) => c.message).slice(0, 1)})`);
}"""


WAIT_MS = 15_000


class Report:
    """One line of JSON for each problem, each once."""

    def __init__(self):
        self.seen = set()

    def problem(self, where, text):
        if (where, text) not in self.seen:
            self.seen.add((where, text))
            print(json.dumps({"where": where, "problem": text}), flush=True)


class Tab:
    def __init__(self, browser, plan, report, width=1280, scheme="light", cookies=()):
        self.plan, self.report, self.width, self.scheme = plan, report, width, scheme
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        self.context.add_cookies(list(cookies))
        self.context.add_init_script(TRIPWIRE)
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.where = ""
        # What a page is expected to be told, such as a refusal.
        self.status_expected = None
        self.page.on("request", self.requested)
        self.page.on("console", self.spoke)
        self.page.on("pageerror", lambda error: self.problem(f"script: {error}"))
        self.page.on("requestfailed", self.failed)
        self.page.on("dialog", self.asked)

    def problem(self, text):
        self.report.problem(f"{self.where} {self.width} {self.scheme}", text)

    def requested(self, request):
        if not request.url.startswith(self.plan["console"] + "/"):
            self.problem(f"asks for {request.url[:200]}")

    def failed(self, request):
        # A stream ends with its page.
        if request.resource_type != "eventsource" and "ERR_ABORTED" not in (request.failure or ""):
            self.problem(f"not there: {request.url[:200]} {request.failure}")

    def spoke(self, message):
        expected = self.status_expected and f"status of {self.status_expected} " in message.text
        # Asked for by the browser itself.
        icon = message.location.get("url", "").endswith("/favicon.ico")
        if message.type in ("error", "warning") and not expected and not icon:
            self.problem(f"console: {message.text[:300]}")

    def asked(self, dialog):
        self.problem(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path):
        """Gives the status."""
        self.where = path
        # A live page never rests.
        reply = self.page.goto(self.plan["console"] + path, wait_until="load")
        return reply.status

    def look(self):
        """What stands in the page that no template has put there."""
        for found in self.page.evaluate(FOREIGN % json.dumps(self.plan["scripts"])):
            self.problem(f"markup: {found}")

    def measure(self):
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.problem(f"is {wide} px wide")
        if self.page.locator("h1").count() != 1:
            self.problem("has not one heading")

    def check_access(self):
        """WCAG 2.x A and AA, by axe-core. Evaluated from outside, so that the policy of the page stands."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(self.plan["axe_text"])
        for found in self.page.evaluate(AXE):
            self.problem(f"accessibility: {found}")

    def shoot(self, name):
        name = re.sub(r"[^a-z0-9]+", "-", name.lower().replace("*", "one")).strip("-") or "start"
        path = f"{self.plan['shots']}/{name[:80]}-{self.width}-{self.scheme}.png"
        self.page.screenshot(path=path, full_page=True)

    def links(self):
        """Where the page leads to in the console: paths with their queries."""
        hrefs = self.page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
        for href in hrefs:
            if href.startswith(self.plan["console"] + "/"):
                parts = urlsplit(href)
                yield parts.path + (f"?{parts.query}" if parts.query else "")
            else:
                self.problem(f"leads to {href[:200]}")

    def sign_in(self, token):
        self.open("/sign-in")
        self.page.get_by_label("Token of your account").fill(token)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/*")
        if self.page.get_by_role("button", name="Sign out").count() != 1:
            self.problem("the right token does not sign in")

    def close(self):
        self.context.close()
