"""Proposals and the keys that somebody presses come in; lines to show and decisions go out. No terminal here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline import drafts
from pipeline.batch.drafting import shown
from pipeline.batch.nouns import Decision, Message
from pipeline.domain import Rulebook
from pipeline.fields import changes
from pipeline.proposals.proposal import Proposal
from pipeline.report import Paint, diff_line

KEYS = {"a": "accept", "e": "edit", "r": "reject", "s": "skip", "b": "back", "q": "quit"}
HELP = "  ".join(f"[{key}]{word[1:]}" for key, word in KEYS.items())


@dataclass(slots=True)
class Walk:
    """A walk through proposals: each is shown until a key says what becomes of it.

    `show` takes a line, `press` gives the next key, `edit` lets the user write on a text, `keep` takes a
    decision as soon as it is made, so that a walk may end anywhere. `typed`: keys that came before they were wanted.
    """

    book: Rulebook
    show: Callable[[str], object]
    press: Callable[[], str]
    edit: Callable[[str], str]
    keep: Callable[[Decision], object]
    paint: Paint
    typed: str = ""

    def through(self, some: Sequence[Proposal]) -> int:
        """Walk through all, or until the user quits; how many were decided on."""
        made, at = set[str](), 0
        while 0 <= at < len(some):
            step, decision = self._one(some[at], f"{at + 1} of {len(some)}")
            if decision:
                self.keep(decision)
                made.add(decision.key)
            if step is None:
                break
            at = max(0, at + step)
        return len(made)

    def _one(self, one: Proposal, count: str) -> tuple[int | None, Decision | None]:
        """Where to go next from a proposal, None for nowhere, and what was decided on it."""
        after = one.after
        self._shown(one, after, count)
        while True:
            key = self._key()
            if key == "a":
                return 1, Decision(one.result.key, accepted=True, after=after)
            if key == "r":
                return 1, Decision(one.result.key, accepted=False, after=one.result.before)
            if key == "e":
                after = self._edited(one, after)
                self._shown(one, after, count)
            elif key in ("s", "b"):
                return (1 if key == "s" else -1), None
            elif key in ("q", "\x04", ""):
                return None, None
            else:
                self.show(HELP)

    def _key(self) -> str:
        """The next key: several may have been typed ahead, but an arrow is one."""
        if not self.typed:
            self.typed = self.press().lower()
        key = self.typed if self.typed.startswith("\x1b") else self.typed[:1]
        self.typed = self.typed[len(key) :]
        return key

    def _shown(self, one: Proposal, after: Message, count: str) -> None:
        for line in proposal_lines(one, after, count, self.book, self.paint):
            self.show(line)
        self.show(HELP)

    def _edited(self, one: Proposal, after: Message) -> Message:
        """What the user makes of a message; an empty one is none."""
        with_subject = one.task.template.has_subject and bool(after.subject)
        written = self.edit(_whole(after) if with_subject else after.text)
        if not written.strip():
            return after
        subject = drafts.SUBJECT.match(written) if with_subject else None
        text = written[subject.end() :] if subject else written
        return replace(after, text=text.strip("\n"), subject=subject[1].strip() if subject else after.subject)


def proposal_lines(one: Proposal, after: Message, count: str, book: Rulebook, paint: Paint) -> Iterator[str]:
    """A proposal: where it stands, what it mends and what is left, and the change by word."""
    result, template = one.result, one.task.template
    name = f"{one.place.path} {shown(template.id)}".strip()
    yield ""
    yield f"{paint(f'{count}  {name}', bold=True)}  {result.kind}  {result.score_before} -> {result.score_after}"
    left = set(result.left)
    for mark, colour, ids in (("mended", "green", result.found), ("left", "yellow", result.left)):
        for rule in dict.fromkeys(ids):
            if (rule in left) == (mark == "left"):
                why = f": {book.rules[rule].why}" if rule in book.rules else ""
                yield f"{paint(mark, fg=colour)} {rule}{why}"
    if after != result.after:
        yield paint("edited by you", fg="cyan")
        for change in changes(result.before.text, after.text):
            yield paint(f"merge field {change.kind}: {change.raw}", fg="red")
    yield ""
    yield diff_line(_whole(result.before), _whole(after), paint)
    yield ""


def _whole(message: Message) -> str:
    """A message as it is shown and edited: under its subject, if it has one."""
    return f"Subject: {message.subject}\n\n{message.text}" if message.subject else message.text
