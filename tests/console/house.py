"""What stands behind the pages: the real gateway, set up and called as people and agents do it."""

import json
import subprocess
import urllib.error
import urllib.request


class House:
    """Plan: `toolgate`, `state`, `console`, `gateway`, `folder`."""

    def __init__(self, plan):
        self.plan = plan

    def toolgate(self, *words, text=None):
        """Runs a command on the state; gives what it printed, read."""
        line = [self.plan["toolgate"], *words, "--json", "--state", self.plan["state"]]
        done = subprocess.run(line, input=text, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout or "null")

    def policy(self, name, text):
        path = f"{self.plan['folder']}/{name}.yaml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.toolgate("policy", "put", name, path)

    def account(self, name, role):
        return self.toolgate("account", "add", name, "--role", role)["token"]

    def grant(self, name, policy, *servers):
        named = [word for server in servers for word in ("--server", server)]
        return self.toolgate("grant", "add", name, "--policy", policy, *named)["token"]


class Api:
    """A program with the token of an account."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def send(self, method, path, body=None, headers=()):
        """The status and what was answered."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method, headers=dict(headers))
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as reply:
            return reply.code, json.loads(reply.read() or b"null")


class Agent:
    """An MCP client that sends whatever it is told, which no library would."""

    def __init__(self, url, token, name):
        self.url, self.token, self.session, self.count = url, token, None, 0
        info = {"name": name, "title": name, "version": name}
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info})
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, tool, arguments):
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def ask(self, method, params):
        self.count += 1
        return self.send({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params})

    def send(self, message):
        request = urllib.request.Request(self.url, json.dumps(message).encode(), method="POST")
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/json, text/event-stream")
        if self.session:
            request.add_header("Mcp-Session-Id", self.session)
            request.add_header("MCP-Protocol-Version", "2025-06-18")
        try:
            reply = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            # What no client may send is refused as a whole.
            return {"status": error.code}
        with reply:
            self.session = reply.headers.get("Mcp-Session-Id", self.session)
            text = reply.read().decode()
        lines = [line[5:] for line in text.splitlines() if line.startswith("data:")]
        return json.loads((lines or [text])[-1] or "null")
