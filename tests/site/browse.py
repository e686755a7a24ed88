"""Opens pages of the exported catalogue in a real browser and says what is wrong with them.

browse.py BROWSER SITE SHOTS PAGE... : each page at two widths and in both colour schemes.
One line of JSON for each problem; a last one that counts.
"""

import json
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

VIEWS = [(1280, "light"), (390, "light"), (320, "dark"), (1280, "dark")]
# WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for large text.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgba(getComputedStyle(e).backgroundColor);
      if (c[3] === 255) return c;
    }
    return [255, 255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgba(style.color)), light(ground(e))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) poor.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""


def main():
    browser_path, site, shots, *pages = sys.argv[1:]
    site, shots = Path(site).resolve(), Path(shots)
    shots.mkdir(parents=True, exist_ok=True)
    problems, opened = [], 0

    def problem(page, view, text):
        problems.append(text)
        print(json.dumps({"page": page, "view": view, "problem": text}), flush=True)

    with sync_playwright() as playwright:
        options = {"executable_path": browser_path} if browser_path else {}
        browser = playwright.chromium.launch(args=["--no-sandbox"], **options)
        for width, scheme in VIEWS:
            view = f"{width} {scheme}"
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            tab = context.new_page()
            now = {"page": ""}

            def requested(request):
                if not request.url.startswith(site.as_uri() + "/"):
                    problem(now["page"], view, f"asks for {request.url}")

            def spoke(message):
                if message.type in ("error", "warning"):
                    problem(now["page"], view, f"console: {message.text}")

            tab.on("request", requested)
            tab.on("console", spoke)
            tab.on("pageerror", lambda error: problem(now["page"], view, f"script: {error}"))
            tab.on("requestfailed", lambda r: problem(now["page"], view, f"not there: {r.url}"))
            tab.on("dialog", lambda d: (problem(now["page"], view, f"dialog: {d.message}"), d.dismiss()))
            for page in pages:
                now["page"] = page
                tab.goto((site / page).as_uri())
                opened += 1
                wide = tab.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    problem(page, view, f"is {wide} px wide")
                for poor in tab.evaluate(CONTRAST):
                    problem(page, view, f"poor contrast: {poor}")
                if tab.locator("h1").count() != 1:
                    problem(page, view, "has not one heading")
                name = page.replace("/", "_").removesuffix(".html")
                tab.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)
            now["page"] = "index.html"
            for text in look_for(tab, site):
                problem("index.html", view, text)
            context.close()
        browser.close()
    print(json.dumps({"opened": opened, "problems": len(problems)}))


def look_for(tab, site):
    """The search: it finds, leads there, and says when there is nothing."""
    tab.goto((site / "index.html").as_uri())
    tab.keyboard.press("/")
    tab.keyboard.type("delete_customer shop")
    found = tab.locator("#hits a")
    found.first.wait_for(timeout=10_000)
    if "delete_customer" not in found.first.inner_text():
        yield f"search: found {found.first.inner_text()!r} first"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/tools/shop/delete_customer.html", timeout=10_000)
    if tab.locator("h1").inner_text() != "delete_customer":
        yield "search: leads to another page"
    tab.get_by_role("button", name="Copy").first.click()
    tab.get_by_role("searchbox").fill("nothing has this name")
    tab.locator("#hits p", has_text="Nothing found").wait_for(timeout=10_000)
    tab.keyboard.press("Escape")
    if tab.locator("#hits").is_visible():
        yield "search: Escape does not close it"


if __name__ == "__main__":
    main()
