"""300 texts that want to run, in every place where strangers' words are kept; every page is opened, and none runs."""

import re

import payloads
from house import Agent, Api
from tab import Tab
from walk import rows, walk

SEEN = re.compile(r"hit\((\d+)\)")
# A third is let through, a third waits for a person, a third is denied.
HEAD = 'version: "1"\ndefault: deny\napprovals: {hold: 0s, timeout: 10h, pending_max: 1000}\n'
SHORT = 45


def run(browser, plan, house, report):
    texts = payloads.all_of_them()
    texts = texts[:: len(texts) // SHORT] if plan["short"] else texts
    fill(plan, house, texts)
    patterns = rows(plan["rows"])
    tab = Tab(browser, plan, report)
    tab.sign_in(house.account("careless", "admin"))
    shown = set()

    def visit(tab, link):
        tab.look()
        # What waits for a pointer gets one.
        tab.page.mouse.move(400, 300)
        shown.update(int(n) for n in SEEN.findall(tab.page.inner_text("body")))

    opened = 0

    def count(tab, link):
        nonlocal opened
        opened += 1
        visit(tab, link)

    walk(tab, patterns, of_a_kind=40 if plan["short"] else 400, visit=count)
    tab.close()
    due = {int(SEEN.search(text)[1]) for text in texts}
    if due - shown:
        report.problem("payloads", f"{len(due - shown)} are on no page: {sorted(due - shown)[:20]}")
    return {"payloads": len(due & shown), "pages": opened}


def fill(plan, house, texts):
    """Tools, arguments, results, clients, reasons and a policy, each with all or some of them."""
    house.policy("hostile", policy(texts))
    token = house.grant("hostile", "hostile", "hostile")
    agent = Agent(plan["gateway"] + "/hostile", token, texts[0])
    agent.ask("tools/list", {})
    for n, text in enumerate(texts):
        if n % 20 == 19:
            agent = Agent(plan["gateway"] + "/hostile", token, text)
        other = texts[(n + 7) % len(texts)]
        agent.call(text, {text: other, "list": [{other: text}], "long": other * 400 if n % 50 == 0 else other})
    api = Api(plan["console"], house.account("answering", "approver"))
    status, told = api.send("GET", "/api/v1/approvals?state=pending")
    pending = [one for one in told["approvals"] if one["server"] == "hostile"]
    if status != 200 or not pending:
        raise RuntimeError(f"nothing waits: {status}")
    for n, one in enumerate(pending[::3]):
        verb = "approve" if n % 2 else "deny"
        status, told = api.send("POST", f"/api/v1/approvals/{one['id']}/{verb}", {"reason": texts[n]})
        if status != 200:
            raise RuntimeError(f"not answered: {told}")
    reason = next(text for text in texts if text.isprintable() and "<" in text)
    house.toolgate("freeze", "--grant", "hostile", "--reason", reason)


def policy(texts):
    # A name in a policy has no control characters, and no more than one line.
    quoted = [quote(text) for text in texts if not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)]
    lines = [HEAD, "# </textarea><img data-hit src=x onerror=hit(0)>\n", "tools:\n"]
    for n, text in enumerate(quoted):
        if n % 3 == 0:
            lines.append(f"  {text}: {{}}\n")
        elif n % 3 == 1:
            says = quoted[(n + 3) % len(quoted)]
            lines.append(f"  {text}: {{rules: [{{action: require_approval, on_deny: {says}}}]}}\n")
    return "".join(lines)


def quote(text):
    """As a string of YAML: JSON's, with what YAML does not take written as an escape."""
    plain = text.replace("\\", "\\\\").replace(chr(34), "\\" + chr(34))
    escaped = "".join(c if c.isascii() and c.isprintable() else escape(c) for c in plain)
    return f'"{escaped}"'


def escape(c):
    return f"\\U{ord(c):08x}" if ord(c) > 0xFFFF else f"\\u{ord(c):04x}"
