"""A client on the official Python SDK: agent.py URL TOKEN. A call for each line that it reads, an answer for each."""

import json
import sys

import anyio
import httpx
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def main():
    url, token = sys.argv[1:]
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, _):
            async with ClientSession(read, write) as session:
                await session.initialize()
                async with await anyio.open_file(sys.stdin.fileno(), closefd=False) as lines:
                    async for line in lines:
                        asked = json.loads(line)
                        answer = await session.call_tool(asked["tool"], asked["arguments"])
                        print(answer.model_dump_json(by_alias=True, exclude_none=True), flush=True)


anyio.run(main)
