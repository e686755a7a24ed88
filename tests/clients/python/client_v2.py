"""A client on the 2.x line of the official Python SDK: both eras, `era` says which."""

import contextlib
import warnings

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

import answers
import steps

# `ping` left the protocol with 2026-07-28; a plan asks for it in the old era only.
warnings.simplefilter("ignore")


@contextlib.asynccontextmanager
async def server(plan):
    if plan.get("url"):
        headers = {"Authorization": f"Bearer {plan['token']}"} if plan.get("token") else {}
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
            yield streamable_http_client(plan["url"], http_client=http)
    else:
        command, *arguments = plan["command"]
        yield StdioServerParameters(command=command, args=arguments)


async def main():
    plan = steps.plan()
    try:
        more = answers.callbacks(plan)
        async with server(plan) as target, Client(target, mode=plan["era"], **more) as client:
            steps.say(step="connect", ok=True, version=str(client.protocol_version))
            await steps.walk(
                client.call_tool, client.list_tools, client.send_ping, plan["steps"]
            )
    except Exception as error:
        steps.say(step="session", ok=False, error=steps.failure(error))


anyio.run(main)
