"""The language server, driven by a real client over pipes: findings as you type, hover, quick fixes, a rewrite."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import BaseLanguageClient

NOTE = (
    "---\r\nkind: message\r\nto: {name: Ana, facts: [gave a talk on queue design]}\r\n---\r\n"
    "Hi Ana 😀, your talk on queues helped our night desk!! 🐝 I need an ANSWER NOW PLEASE. Could we have a call?\r\n"
)


class Client(BaseLanguageClient):
    """An editor that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.told: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()
        self.edits: asyncio.Queue[lsp.ApplyWorkspaceEditParams] = asyncio.Queue()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(params)

        @self.feature(lsp.WORKSPACE_APPLY_EDIT)
        def apply(params: lsp.ApplyWorkspaceEditParams) -> lsp.ApplyWorkspaceEditResult:
            self.edits.put_nowait(params)
            return lsp.ApplyWorkspaceEditResult(applied=True)

    async def open(self, path: Path, text: str) -> list[lsp.Diagnostic]:
        """Open a document; what is found in it."""
        item = lsp.TextDocumentItem(path.as_uri(), "markdown", 1, text)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.findings()

    async def findings(self) -> list[lsp.Diagnostic]:
        """What the server says next."""
        return list((await asyncio.wait_for(self.told.get(), 30)).diagnostics)

    async def actions(self, path: Path, span: lsp.Range, *kinds: str) -> dict[str, Any]:
        """The actions offered for a range, by title; the client reads one with a command alone as if it were one."""
        context = lsp.CodeActionContext([], list(kinds) or None)
        params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(path.as_uri()), span, context)
        found = await self.text_document_code_action_async(params)
        return {one.title: one for one in found or ()}


Talk = Callable[[Client, Path], Awaitable[None]]


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Talk], None]:
    """Talk to a server in a project of its own, which must end by itself when it is told to."""

    def run(talk: Talk) -> None:
        async def session() -> None:
            client = Client()
            environment = {**os.environ, "HOME": str(tmp_path), "TACTFUL_MODEL": "none"}
            await client.start_io(sys.executable, "-m", "pipeline", "lsp", cwd=str(tmp_path), env=environment)
            await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
            client.initialized(lsp.InitializedParams())
            try:
                await asyncio.wait_for(talk(client, tmp_path), 60)
            finally:
                await client.shutdown_async(None)
                client.exit(None)
                await asyncio.wait_for(client.stop(), 30)

        asyncio.run(session())

    return run


def applied(text: str, edit: lsp.WorkspaceEdit | None) -> str:
    """A text after an editor's edit of it; its positions count UTF-16 code units."""
    assert edit
    assert edit.changes
    lines = text.splitlines(keepends=True)

    def offset(spot: lsp.Position) -> int:
        before = sum(map(len, lines[: spot.line]))
        if spot.line >= len(lines):
            return before
        return before + len(lines[spot.line].encode("utf-16-le")[: 2 * spot.character].decode("utf-16-le"))

    (edits,) = edit.changes.values()
    for one in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        text = text[: offset(one.range.start)] + one.new_text + text[offset(one.range.end) :]
    return text


def quoted(text: str, span: lsp.Range) -> str:
    """What a range quotes of one line."""
    line = text.splitlines()[span.start.line].encode("utf-16-le")
    return line[2 * span.start.character : 2 * span.end.character].decode("utf-16-le")


def test_findings_hover_and_fixes(edited: Callable[[Talk], None]) -> None:
    """Ranges fit behind emoji and CRLF; a fix mends its finding; all safe fixes at once; ignoring puts a mark."""

    async def talk(client: Client, home: Path) -> None:
        path = home / "note.md"
        found = await client.open(path, NOTE)
        by_rule = {str(one.code): one for one in found}
        assert quoted(NOTE, by_rule["premature-call"].range) == "Could we have a call"
        assert quoted(NOTE, by_rule["shouting"].range) == "ANSWER"
        assert by_rule["premature-call"].severity is lsp.DiagnosticSeverity.Error
        assert {one.source for one in found} == {"tactful"}
        spot = by_rule["premature-call"].range.start
        hover = await client.text_document_hover_async(lsp.HoverParams(lsp.TextDocumentIdentifier(path.as_uri()), spot))
        assert hover
        assert isinstance(hover.contents, lsp.MarkupContent)
        assert "**premature-call** (error)" in hover.contents.value
        actions = await client.actions(path, by_rule["shouting"].range)
        assert "ANSWER" not in applied(NOTE, actions["Fix shouting"].edit)
        assert "helped our night desk!!" in applied(NOTE, actions["Fix shouting"].edit)
        calm = applied(NOTE, actions["Make all safe fixes"].edit)
        assert "desk! 🐝" in calm or "desk!" in calm
        assert "I need an answer now please." in calm
        assert calm.endswith("\r\n")
        ignored = applied(NOTE, actions["Ignore premature-call here"].edit)
        assert "<!-- tactful: ignore premature-call: why -->\nHi Ana" in ignored
        only = await client.actions(path, by_rule["shouting"].range, "source.fixAll")
        assert set(only) == {"Make all safe fixes"}
        client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(2, path.as_uri()),
                [lsp.TextDocumentContentChangeWholeDocument(ignored)],
            )
        )
        assert "premature-call" not in {str(one.code) for one in await client.findings()}
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(path.as_uri())))
        assert await client.findings() == []

    edited(talk)


def test_a_message_is_rewritten_in_the_editor(edited: Callable[[Talk], None]) -> None:
    """The action runs a command, and the editor is asked to put the better message in; front matter stays."""

    async def talk(client: Client, home: Path) -> None:
        path = home / "note.md"
        found = await client.open(path, NOTE)
        action = (await client.actions(path, found[0].range))["Rewrite this message"]
        assert "tactful.rewrite" in str(action)
        await client.workspace_execute_command_async(lsp.ExecuteCommandParams("tactful.rewrite", [path.as_uri()]))
        after = applied(NOTE, (await asyncio.wait_for(client.edits.get(), 60)).edit)
        assert after.startswith(NOTE.partition("Hi Ana")[0])
        assert "NOW" not in after
        assert "queue" in after

    edited(talk)


def test_other_texts_are_left_alone_and_faults_are_told(edited: Callable[[Talk], None]) -> None:
    """A README has no kind and no findings, unless settings speak of it; a broken field is an error in its line."""

    async def talk(client: Client, home: Path) -> None:
        assert await client.open(home / "README.md", "# Call us ASAP!!!\n") == []
        (broken,) = await client.open(home / "b.md", "---\nkind: email\n---\nHi Ana,\n\nyour {{first_name\n")
        assert (broken.range.start.line, broken.severity) == (5, lsp.DiagnosticSeverity.Error)
        assert "never closed" in broken.message
        (home / "tactful.toml").write_text('[[paths]]\nmatch = ["notes/*"]\nkind = "comment"\n')
        (home / "notes").mkdir()
        assert await client.open(home / "notes" / "a.md", "Call us ASAP!!!\n")

    edited(talk)
