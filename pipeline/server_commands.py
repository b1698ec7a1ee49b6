"""`tactful lsp` and `tactful mcp`: the servers that editors and agents start, on standard input and output."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import typer

from pipeline import desk
from pipeline.errors import SettingsError
from pipeline.terminal import examples


def add(app: typer.Typer) -> None:
    """Give the commands to the program."""
    app.command(epilog=examples("lsp"))(lsp)
    app.command(epilog=examples("mcp"))(mcp)


def lsp() -> None:
    """Serve an editor over stdin and stdout (Language Server Protocol): findings, fixes, rewrites."""
    _needs("pygls", "lsp")
    from pipeline.servers.lsp import server

    server().start_io()


def mcp() -> None:
    """Serve an agent over stdin and stdout (Model Context Protocol): check, improve, explain."""
    _needs("mcp", "mcp")
    from pipeline.servers.mcp import server

    server(desk.opened(Path.cwd(), os.environ)).run()


def _needs(package: str, extra: str) -> None:
    if find_spec(package) is None:
        raise SettingsError(f"{package} is not installed: pip install 'tactful[{extra}]'")
