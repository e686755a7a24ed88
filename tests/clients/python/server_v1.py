"""A server on the 1.x line of the official Python SDK: handshake only."""

import sys

import anyio
from mcp.server.fastmcp import FastMCP
from mcp.server.stdio import stdio_server

import seen

log = seen.log_from_arguments()
server = FastMCP("python-1")
seen.add_tools(server, log)


async def main():
    if "--http" in sys.argv:
        await seen.serve_http(server.streamable_http_app())
        return
    inner = server._mcp_server
    async with stdio_server() as (read, write):
        await inner.run(seen.Seen(read, log), write, inner.create_initialization_options())


anyio.run(main)
