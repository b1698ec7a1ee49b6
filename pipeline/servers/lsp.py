"""An editor's documents come in; live findings, explanations, quick fixes and rewrites go out (LSP 3.17, on pygls).

A document is looked at if its front matter names a kind, or if the project's settings speak of its path; any other text
is somebody's prose and left alone. Only the action "Rewrite this message" asks a model, the project's own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from pipeline import __version__
from pipeline.domain import Severity
from pipeline.errors import PipelineError
from pipeline.fixing import fixed
from pipeline.formats.results import FindingResult
from pipeline.rewriting import rewritten
from pipeline.servers.documents import Editor, Looked

Kind: TypeAlias = lsp.CodeActionKind | str
REWRITE = "tactful.rewrite"
"""The command behind "Rewrite this message"; its argument is the document's URI."""
FIX_ALL = "source.fixAll.tactful"
SEVERITIES = {
    Severity.HINT: lsp.DiagnosticSeverity.Hint,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.FATAL: lsp.DiagnosticSeverity.Error,
}
PLACE = re.compile(r":(\d+)(?::(\d+))?: ")
"""The line and column that an error names."""


def server() -> LanguageServer:
    """The language server, with everything that it answers."""
    serving = LanguageServer("tactful", __version__)
    editor = Editor()

    def tell(uri: str) -> None:
        document = serving.workspace.get_text_document(uri)
        try:
            looked = editor.look(document)
            told = [_diagnostic(looked, one) for one, _ in looked.findings()] if looked else []
        except PipelineError as error:
            told = [_trouble(document, str(error))]
        serving.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, told, document.version))

    @serving.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @serving.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @serving.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        tell(params.text_document.uri)

    @serving.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        serving.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))

    @serving.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        looked = _quietly(editor, serving.workspace.get_text_document(params.text_document.uri))
        return _hover(looked, params.position) if looked else None

    @serving.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, FIX_ALL, lsp.CodeActionKind.RefactorRewrite]),
    )
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        looked = _quietly(editor, serving.workspace.get_text_document(params.text_document.uri))
        return list(_wanted(_actions(looked, params.range), params.context.only)) if looked else []

    @serving.command(REWRITE)
    @serving.thread()
    def rewrite(uri: str) -> None:
        _rewrite(serving, editor, uri)

    return serving


def _rewrite(serving: LanguageServer, editor: Editor, uri: str) -> None:
    """Rewrite a document's message in the editor, or say why not."""
    try:
        looked = editor.look(serving.workspace.get_text_document(uri))
        edit = looked.edit(rewritten(looked.review.draft, looked.desk)[0].best.draft) if looked else None
    except PipelineError as error:
        serving.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, str(error)))
        return
    if edit:
        serving.workspace_apply_edit(lsp.ApplyWorkspaceEditParams(edit, "Rewrite this message"))
    else:
        text = "Nothing changed: no rewrite was better than your draft."
        serving.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, text))


def _hover(looked: Looked, spot: lsp.Position) -> lsp.Hover | None:
    here = [_explained(one) for one, _ in looked.findings() if _holds(looked.range(one), spot)]
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n".join(here))) if here else None


def _wanted(
    some: Iterable[lsp.CodeAction], kinds: Sequence[lsp.CodeActionKind | str] | None
) -> Iterator[lsp.CodeAction]:
    """The actions of the kinds that the editor asks for, or of kinds below them."""
    for one in some:
        if not kinds or any(str(_word(one.kind)).startswith(str(_word(kind))) for kind in kinds):
            yield one


def _word(kind: object) -> object:
    return kind.value if isinstance(kind, lsp.CodeActionKind) else kind


def _quietly(editor: Editor, document: TextDocument) -> Looked | None:
    """What is found; nothing where the document cannot be read, which its diagnostics say already."""
    try:
        return editor.look(document)
    except PipelineError:
        return None


def _diagnostic(looked: Looked, finding: FindingResult) -> lsp.Diagnostic:
    return lsp.Diagnostic(
        looked.range(finding),
        finding.message,
        SEVERITIES[Severity[finding.severity.upper()]],
        finding.rule,
        source="tactful",
    )


def _trouble(document: TextDocument, error: str) -> lsp.Diagnostic:
    """Why a document cannot be read, in the line that the error names."""
    at = PLACE.search(error)
    row = min(int(at[1]), max(1, len(document.lines))) - 1 if at else 0
    span = lsp.Range(lsp.Position(row, 0), lsp.Position(row + 1, 0))
    return lsp.Diagnostic(span, error[at.end() :] if at else error, lsp.DiagnosticSeverity.Error, source="tactful")


def _holds(span: lsp.Range, spot: lsp.Position) -> bool:
    return (span.start.line, span.start.character) <= (spot.line, spot.character) <= (span.end.line, span.end.character)


def _explained(finding: FindingResult) -> str:
    """A finding as Markdown: what, why, what to do, and where that is from."""
    source = f"\n\n*{', '.join(finding.source)}*" if finding.source else ""
    return f"**{finding.rule}** ({finding.severity}): {finding.message}\n\n{finding.why}\n\n{finding.advice}{source}"


def _actions(looked: Looked, asked: lsp.Range) -> Iterator[lsp.CodeAction]:
    """Quick fixes of the findings in a range, then all safe fixes of the message, then its rewrite."""
    for finding, mend in looked.findings():
        span = looked.range(finding)
        if span.end.line < asked.start.line or span.start.line > asked.end.line:
            continue
        told = [_diagnostic(looked, finding)]
        if mend and (edit := looked.edit(mend())):
            title = f"Fix {finding.rule}"
            yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, told, is_preferred=True, edit=edit)
        mark = lsp.TextEdit(
            lsp.Range(lsp.Position(span.start.line, 0), lsp.Position(span.start.line, 0)),
            f"<!-- tactful: ignore {finding.rule}: why -->\n",
        )
        if finding.part == "body":
            ignore = lsp.WorkspaceEdit(changes={looked.document.uri: [mark]})
            yield lsp.CodeAction(f"Ignore {finding.rule} here", lsp.CodeActionKind.QuickFix, told, edit=ignore)
    if edit := looked.edit(fixed(looked.review.draft, looked.desk.book)):
        yield lsp.CodeAction("Make all safe fixes", FIX_ALL, edit=edit)
    if not looked.review.settled:
        command = lsp.Command("Rewrite this message", REWRITE, None, [looked.document.uri])
        yield lsp.CodeAction("Rewrite this message", lsp.CodeActionKind.RefactorRewrite, command=command)
