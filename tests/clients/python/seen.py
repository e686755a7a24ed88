"""What the servers write down: every message their own parser made, every tool they ran."""

import json
import socket
import sys


class Log:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8") if path else None

    def write(self, **facts):
        if self.file:
            self.file.write(json.dumps(facts) + "\n")
            self.file.flush()


class Seen:
    """A read stream that notes each message before the SDK handles it."""

    def __init__(self, stream, log):
        self.stream, self.log = stream, log

    def note(self, item):
        if isinstance(item, Exception):
            self.log.write(broken=f"{type(item).__name__}: {item}")
        else:
            message = item.message
            message = getattr(message, "root", message)
            self.log.write(seen=message.model_dump(mode="json", by_alias=True, exclude_none=True))
        return item

    async def receive(self):
        return self.note(await self.stream.receive())

    async def aclose(self):
        await self.stream.aclose()

    def __aiter__(self):
        return self

    async def __anext__(self):
        return self.note(await self.stream.__anext__())

    async def __aenter__(self):
        await self.stream.__aenter__()
        return self

    async def __aexit__(self, *error):
        return await self.stream.__aexit__(*error)

    @property
    def last_context(self):
        return getattr(self.stream, "last_context", None)


def log_from_arguments():
    return Log(sys.argv[sys.argv.index("--log") + 1] if "--log" in sys.argv else None)


def add_tools(server, log):
    """The same three tools on every server of the suite."""

    @server.tool(name="echo")
    def echo(message: str) -> str:
        """Says the message back"""
        log.write(ran="echo", arguments={"message": message})
        return f"Echo: {message}"

    @server.tool(name="get-sum")
    def add(a: float, b: float) -> dict[str, float]:
        """Adds two numbers"""
        log.write(ran="get-sum", arguments={"a": a, "b": b})
        return {"sum": a + b}

    @server.tool(name="danger")
    def danger() -> str:
        """Does what no policy of the suite allows"""
        log.write(ran="danger", arguments={})
        return "done"


async def serve_http(app):
    """Serves on a free port and says which, as the gateway does."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    print(f"listening on http://127.0.0.1:{port}/mcp", file=sys.stderr, flush=True)
    config = uvicorn.Config(app, log_level="warning", lifespan="on")
    await uvicorn.Server(config).serve(sockets=[listener])
