"""What people do at the console, one after the other, with a real server and a real client."""

import json
import subprocess

from tab import Tab

POLICY = """\
version: "1"
default: deny
approvals: {hold: 30s, timeout: 1h}
tools:
  list_customers: {}
  read_file: {}
  refund: {require_approval: true}
"""

# Of looks for a question that is on its way.
TRIES = 200


def run(browser, plan, house, report):
    house.policy("story", POLICY)
    token = house.grant("story", "story", "shop")
    tab = Tab(browser, plan, report)
    strangers(tab)
    tab.sign_in(house.account("olga", "admin"))
    approve(tab, plan, token)
    tab.close()
    return {"story": 1}


def strangers(tab):
    """Who has not signed in sees how to, and nothing else."""
    for path, status in (("/", 200), ("/approvals", 401)):
        tab.status_expected = status
        if tab.open(path) != status:
            tab.problem(f"does not answer {status} to a stranger")
        if tab.page.locator("nav").count() or not tab.page.get_by_label("Token of your account").count():
            tab.problem("shows a stranger more than how to sign in")
    tab.page.get_by_label("Token of your account").fill("tga_" + "0" * 64)
    tab.page.get_by_role("button", name="Sign in").click()
    if "not one of an account" not in tab.page.get_by_role("alert").inner_text():
        tab.problem("does not say that the token is wrong")
    tab.status_expected = None


def approve(tab, plan, token):
    """A client on the official SDK is allowed, denied and held; a person says yes; the call comes to its end."""
    agent = Agent(plan, token)
    if agent.call("list_customers", {}).get("isError"):
        tab.problem("a call that is allowed is not answered")
    if not agent.call("delete_customer", {"customer": "c-1"}).get("isError"):
        tab.problem("a call that is not allowed is answered")
    agent.begin("refund", {"customer": "c-2", "amount": 40})
    tab.open("/approvals")
    question = tab.page.get_by_role("link", name="refund").first
    for _ in range(TRIES):
        if question.count():
            break
        tab.open("/approvals")
    question.click()
    tab.page.get_by_label("Reason").first.fill("checked with accounting")
    tab.page.get_by_role("button", name="Approve").click()
    tab.page.wait_for_load_state()
    if agent.end().get("isError"):
        tab.problem("a call that was approved is not answered")
    agent.close()


class Agent:
    """`agent.py` on the official SDK: a line for each call."""

    def __init__(self, plan, token):
        line = [plan["python_sdk"], plan["agent"], plan["gateway"] + "/shop", token]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, tool, arguments):
        self.begin(tool, arguments)
        return self.end()

    def begin(self, tool, arguments):
        self.process.stdin.write(json.dumps({"tool": tool, "arguments": arguments}) + "\n")
        self.process.stdin.flush()

    def end(self):
        return json.loads(self.process.stdout.readline() or "{}")

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
