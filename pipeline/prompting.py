"""Both ends of the talk with a model: a Review goes out as a Prompt, a Reply comes in as the next Draft.

Templates lie in prompts/ and run in Jinja's sandbox with StrictUndefined. What the user brings (draft, brief, profile)
is only ever a value of a template, never a template: no code inside it is evaluated. It stands between fence lines
whose mark is a digest of the data itself, so that no text can hold its own closing fence.
"""

import hashlib
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.domain import Draft, Prompt, Reply, Review, Rulebook, Severity
from pipeline.errors import PromptError
from pipeline.fields import mask, restore, scan

MARGIN = 0.9
"""The share of a limit that a model is told: models overshoot lengths (Yuan et al. 2025), and never count for us."""


NAMED = re.compile(r"[A-Z0-9]|[^\W\d_a-z]")
OUTSIDE = ".,;:!?()\"'’“”"
"""Marks around a word that are not its own."""
PLAIN = r"[^A-Z0-9{}\[\]<>%*|$#@!?\n]"
"""What else a sentence is made of: no capitals, no digits, no marks of merge fields, nothing loud."""
LONGEST_PIECE = 72
"""Tokens of a piece: one sentence of at most 220 characters."""


def prompts_folder() -> Traversable:
    """The folder of templates: inside the installed package, or beside it in a checkout."""
    inside = files("pipeline").joinpath("prompts")
    return inside if inside.is_dir() else Path(__file__).parent.parent / "prompts"


OVER: list[Path] = []
"""Folders of the user's templates, which stand over ours (see `lay_over`)."""


def lay_over(folder: Path) -> None:
    """Let the templates and forms of a folder stand over ours of the same name, in this process from now on."""
    if not folder.is_dir():
        raise PromptError(f"{folder}: no such folder: name one laid out like prompts/")
    OVER.insert(0, folder)
    read.cache_clear()
    _environment.cache_clear()


@cache
def read(name: str) -> str | None:
    """The text of a template or of a table beside it ("pieces/forms.toml"), or None where there is no such file."""
    for folder in (*OVER, prompts_folder()):
        path = folder.joinpath(*name.split("/"))
        if path.is_file():
            return path.read_text("utf-8")
    return None


def templates(way: str) -> tuple[str, ...]:
    """The names of the templates and tables that a way of revising reads."""
    return tuple(sorted(f"{way}/{one.name}" for one in prompts_folder().joinpath(way).iterdir()))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=jinja2.FunctionLoader(read), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def render(name: str, **values: object) -> str:
    """A template filled in; PromptError names the template, and the line where Jinja gives one."""
    try:
        return re.sub(r"\n{3,}", "\n\n", _environment().get_template(name).render(values)).strip()
    except jinja2.TemplateError as error:
        raise PromptError(f"prompts/{name}: {error}: mend the template") from error


def fence_for(*data: str) -> str:
    """A fence line for some data: a digest of it, which the data cannot contain."""
    return f"=== {hashlib.sha256(chr(0).join(data).encode('utf-8', 'surrogatepass')).hexdigest()[:10]} ==="


def compose(review: Review, rulebook: Rulebook, *, temperature: float = 0.0, seed: int = 0) -> Prompt:
    """The prompt of the whole way: the newest findings with their measures, this kind's rules, the data in fences."""
    draft, first = review.draft, review.draft.first
    masked = mask(first.message)
    earlier_try = draft.text if draft.origin else ""
    for sentinel, raw in masked.originals.items():
        earlier_try = earlier_try.replace(raw, sentinel)
    subject_line, _, body = masked.text.partition("\n")
    found = [finding for finding in review.findings if not finding.rule.halts]
    named = {finding.rule.id for finding in found}
    advice = [
        rule
        for rule in rulebook.for_draft(draft)
        if rule.id not in named and (rule.severity == Severity.ERROR or rule.look is None) and not rule.halts
    ]
    values = {
        "fence": fence_for(first.source, draft.text),
        "sentinels": tuple(masked.originals),
        "subject": draft.kind.subject is not None,
        "subject_line": subject_line,
        "kind": draft.kind,
        "purpose": draft.brief.purpose,
        "brief": draft.brief,
        "findings": found,
        "advice": advice,
        "draft": body,
        "earlier_try": earlier_try,
        **_length(draft),
    }
    return Prompt(
        render("whole/system.j2", **values), render("whole/user.j2", **values), temperature=temperature, seed=seed
    )


def _length(draft: Draft) -> dict[str, object]:
    band, limit = draft.kind.band, draft.kind.limit(draft.tier).most
    units = band.unit == "units"
    return {"most_units": units, "target": int(min(band.most, limit) * MARGIN) if units else int(band.most * MARGIN)}


def apply(draft: Draft, reply: Reply) -> Draft:
    """The next draft from a reply of the whole way: wrapping off, subject parted from body, merge fields restored."""
    text = _unwrapped(reply.text)
    subject = draft.subject
    if draft.kind.subject is not None:
        head = re.match(r"(?i)\**subject\**\s*:\**\s*(.*)\n+", text)
        if head:
            subject, text = head[1].strip(), text[head.end() :]
    masked = mask(draft.first.message)
    return draft.rewritten(restore(text, masked).strip(), restore(subject, masked), reply)


def _unwrapped(text: str) -> str:
    """A reply without the code fence, quotation marks or label that models like to put around a message."""
    text = re.sub(r"(?s)<think>.*?</think>", "", text).strip()
    fenced = re.fullmatch(r"(?s)```\w*\n(.*?)\n?```", text)
    text = fenced[1].strip() if fenced else text
    text = re.sub(r"(?i)^\**(?:message|body)\**:\**\s*\n+", "", text)
    return text[1:-1].strip() if len(text) > 2 and (text[0], text[-1]) in {('"', '"'), ("“", "”")} else text


def piece(task: str, words: str, *, seed: int = 0, temperature: float = 0.0) -> Prompt:
    """The prompt of the pieces way: one task, and what the sentence is to be made of. The adapter is tuned on these."""
    user = render("pieces/user.j2", task=task, words=words)
    return Prompt(render("pieces/system.j2"), user, _copying(words), LONGEST_PIECE, temperature, seed)


def _copying(words: str) -> str:
    """A grammar of one sentence: merge fields, and words with capitals or digits, only as they stand in `words`."""
    fields = {field.raw for field in scan(words).fields}
    named = {word.strip(OUTSIDE) for word in words.split() if NAMED.search(word)}
    given = sorted({"I", *fields, *named} - {""}, key=lambda one: (-len(one), one))
    said = " | ".join(f'"{_escaped(one)}"' for one in given)
    return f'root ::= (given | [A-Z] | "I") (plain | given)+ [.?]\nplain ::= {PLAIN}\ngiven ::= {said}\n'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
