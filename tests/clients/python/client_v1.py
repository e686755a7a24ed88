"""A client on the 1.x line of the official Python SDK: handshake only."""

import contextlib

import anyio
import httpx
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

import answers
import steps


@contextlib.asynccontextmanager
async def transport(plan):
    if plan.get("url"):
        headers = {"Authorization": f"Bearer {plan['token']}"} if plan.get("token") else {}
        async with httpx.AsyncClient(headers=headers, timeout=30) as http:
            async with streamable_http_client(plan["url"], http_client=http) as (read, write, _):
                yield read, write
    else:
        command, *arguments = plan["command"]
        parameters = StdioServerParameters(command=command, args=arguments)
        async with stdio_client(parameters) as (read, write):
            yield read, write


def session_on(read, write, plan):
    return ClientSession(read, write, **answers.callbacks(plan))


async def main():
    plan = steps.plan()
    try:
        async with transport(plan) as (read, write), session_on(read, write, plan) as session:
            told = await session.initialize()
            steps.say(step="connect", ok=True, version=str(told.protocolVersion))
            await steps.walk(
                session.call_tool, session.list_tools, session.send_ping, plan["steps"]
            )
    except Exception as error:
        steps.say(step="session", ok=False, error=steps.failure(error))


anyio.run(main)
