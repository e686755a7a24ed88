"""What both Python clients share: reading the plan, and one line of JSON per step."""

import json
import pathlib
import sys

import anyio


def plan():
    return json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))


def say(**facts):
    print(json.dumps(facts), flush=True)


def innermost(error):
    """Task groups wrap what went wrong; the runner wants the cause."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error


def failure(error):
    error = innermost(error)
    told = getattr(error, "error", None)
    code = getattr(told, "code", None)
    message = getattr(told, "message", None) or str(error)
    return {"type": type(error).__name__, "code": code, "message": message}


async def attempt(name, action):
    """Runs one step; what it raises is the step's answer, not the end of the session."""
    try:
        say(step=name, ok=True, **await action())
    except Exception as error:
        say(step=name, ok=False, error=failure(error))


def texts(result):
    return "\n".join(block.text for block in result.content if block.type == "text")


async def walk(call, list_tools, ping, steps):
    """Does the plan's steps; the three callables are what differs between the SDK's lines."""

    async def called(step):
        progress = []

        async def on_progress(done, _total, _message):
            progress.append(done)

        more = {"progress_callback": on_progress} if step.get("progress") else {}
        result = await call(step["tool"], step["arguments"], **more)
        told = result.model_dump(mode="json", by_alias=True)
        return {
            "is_error": bool(told.get("isError")),
            "content": told.get("content"),
            "text": texts(result),
            "meta": told.get("_meta"),
            "structured": told.get("structuredContent"),
            "progress": progress,
        }

    async def listed(_step):
        tools = (await list_tools()).tools
        definitions = [tool.model_dump(mode="json", by_alias=True) for tool in tools]
        return {"tools": [tool.name for tool in tools], "definitions": definitions}

    async def pinged(_step):
        await ping()
        return {}

    async def waited(step):
        """Whoever runs the plan does something meanwhile, and says so by a file."""
        while not pathlib.Path(step["file"]).exists():
            await anyio.sleep(0.02)
        return {}

    acts = {"call": called, "list": listed, "ping": pinged, "wait": waited}
    for step in steps:
        async with anyio.create_task_group() as group:
            for one in step.get("together", [step]):
                group.start_soon(attempt, one["step"], lambda one=one: acts[one["do"]](one))
