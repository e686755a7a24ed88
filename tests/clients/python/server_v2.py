"""A server on the 2.x line of the official Python SDK: both eras."""

import sys

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.stdio import stdio_server

import seen

log = seen.log_from_arguments()
server = MCPServer("python-2")
seen.add_tools(server, log)


async def main():
    if "--http" in sys.argv:
        await seen.serve_http(server.streamable_http_app())
        return
    inner = server._lowlevel_server
    async with stdio_server() as (read, write):
        await inner.run(seen.Seen(read, log), write, inner.create_initialization_options())


anyio.run(main)
