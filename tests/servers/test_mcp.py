"""The MCP server, driven by the official client over pipes: check, improve, explain."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

BRIEF = {"kind": "message", "to": {"name": "Ana", "facts": ["gave a talk on queue design"]}}
TEXT = "Hi Ana, your talk on queues helped our night desk. I need an answer ASAP! Could we have a call?"


def called(home: Path, *calls: tuple[str, dict[str, Any]]) -> tuple[list[str], list[Any]]:
    """The names of the tools, and what each call came to."""

    async def session() -> tuple[list[str], list[Any]]:
        environment = {**os.environ, "HOME": str(home), "TACTFUL_MODEL": "none"}
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "pipeline", "mcp"], env=environment, cwd=str(home)
        )
        async with Client(server) as client:
            tools = await client.list_tools()
            return [one.name for one in tools.tools], [await client.call_tool(name, words) for name, words in calls]

    return asyncio.run(asyncio.wait_for(session(), 120))


def test_an_agent_checks_improves_and_has_a_rule_explained(tmp_path: Path) -> None:
    """Findings as `check --json` has them, a rewrite as `improve --json`, a rule as `rules ID`."""
    names, (found, better, rule) = called(
        tmp_path,
        ("check", {"text": TEXT, "brief": BRIEF}),
        ("improve", {"text": TEXT, "brief": BRIEF}),
        ("explain", {"rule": "pressure"}),
    )
    assert names == ["check", "improve", "explain"]
    assert {"pressure", "premature-call"} <= {one["rule"] for one in found.structured_content["findings"]}
    assert better.structured_content["changed"]
    assert "ASAP" not in better.structured_content["text"]
    assert better.structured_content["after"]["cost"] < found.structured_content["cost"]
    assert rule.content[0].text.startswith("pressure (error")


def test_a_wrong_call_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """An unknown kind or rule comes back as an error, and the server goes on."""
    _, (kind, rule, good) = called(
        tmp_path,
        ("check", {"text": TEXT, "brief": {"kind": "emial"}}),
        ("explain", {"rule": "presure"}),
        ("explain", {"rule": "guilt"}),
    )
    assert kind.is_error
    assert "did you mean 'email'" in kind.content[0].text
    assert rule.is_error
    assert "pressure" in rule.content[0].text
    assert not good.is_error


def test_no_call_can_name_a_model(tmp_path: Path) -> None:
    """Nothing leaves the computer by an agent's wish: the model is the project's."""
    _, (told,) = called(tmp_path, ("improve", {"text": TEXT, "brief": BRIEF, "model": "openai"}))
    assert told.is_error or told.structured_content["model"] == "none"
