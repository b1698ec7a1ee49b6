"""An agent's calls come in; findings, rewrites and rules go out (Model Context Protocol, on the official SDK).

The model is the project's own: no call can name another one, so nothing leaves this computer unless the user said so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from pipeline import __version__, drafts, report, rulebook
from pipeline.checking import found
from pipeline.desk import Desk
from pipeline.domain import Draft
from pipeline.errors import PipelineError
from pipeline.rewriting import rewritten

INSTRUCTIONS = (
    "Tactful checks and rewrites cold messages (connection notes, InMails, follow-ups, replies, e-mails). `check` says"
    " what a reader would mind, `improve` returns a better message that invents nothing, `explain` tells of one rule."
    " Where findings ask for a fact, ask the sender for it: never make one up."
)
Words = dict[str, Any]
"""A brief as JSON: kind, tier, purpose, subject, goal, to, from, shared, benefit, history, as in front matter."""


@contextmanager
def _told() -> Iterator[None]:
    """What a call cannot do is told to the agent, with the remedy."""
    try:
        yield
    except PipelineError as error:
        raise ToolError(str(error)) from error


def server(desk: Desk) -> MCPServer:
    """The server, for the settings and rules of one project."""
    serving = MCPServer("tactful", version=__version__, instructions=INSTRUCTIONS)

    @serving.tool()
    def check(text: str, brief: Words | None = None) -> Words:
        """What the rules find in a message, with place, reason and remedy.

        `text` may carry front matter. `brief` says what is known: kind (connection-note, message, inmail, follow-up,
        reply, comment, intro-request, email), tier, purpose (networking, advice, job-search, recruiting, partnership,
        sales), subject, goal, to and from (name, role, company, facts), shared, history.
        """
        with _told():
            return report.review_json(found(_draft(text, brief), "text", desk), "text")

    @serving.tool()
    def improve(text: str, brief: Words | None = None) -> Words:
        """A message rewritten so that its reader is glad to answer; never worse by the rules, and nothing invented.

        Arguments as in `check`. `questions` under `after` are what only the sender can tell.
        """
        with _told():
            made, model = rewritten(_draft(text, brief), desk)
        return report.rewrite_json(made, made.best.draft, "text", model)

    @serving.tool()
    def explain(rule: str) -> str:
        """One rule in full by its id: what, why, source, what it finds and what it lets pass."""
        if rule not in desk.book.rules:
            raise ToolError(str(rulebook.unknown_rule(rule, desk.book)))
        return "\n".join(report.rule_lines(desk.book.rules[rule], desk.book))

    def _draft(text: str, brief: Words | None) -> Draft:
        said = drafts.layer(drafts.FLAGS, brief or {}, desk.book)
        over = Desk(desk.settings, desk.book, said, desk.under)
        return over.draft(drafts.decode(text.encode(), "text"), "text", path=str(Path.cwd() / "text"))

    return serving
