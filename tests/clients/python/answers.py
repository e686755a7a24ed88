"""What the clients say when a server asks back; only if the plan wants them to."""

try:
    import mcp_types as types
except ImportError:  # The 1.x line.
    from mcp import types

import steps


def say_asked(method, params=None):
    message, url = getattr(params, "message", None), getattr(params, "url", None)
    steps.say(step="asked", ok=True, method=method, message=message, url=url)


async def elicitation(_context, params):
    say_asked("elicitation/create", params)
    if steps.plan().get("elicitation") == "decline":
        return types.ElicitResult(action="decline")
    return types.ElicitResult(action="accept", content={"sure": True})


async def sampling(_context, _params):
    say_asked("sampling/createMessage")
    text = types.TextContent(type="text", text="yes from the model")
    return types.CreateMessageResult(role="assistant", content=text, model="none")


async def roots(_context):
    say_asked("roots/list")
    return types.ListRootsResult(roots=[types.Root(uri="file:///nowhere")])


CALLBACKS = {
    "elicitation_callback": elicitation,
    "sampling_callback": sampling,
    "list_roots_callback": roots,
}


def callbacks(plan):
    return CALLBACKS if plan.get("answers") else {}
