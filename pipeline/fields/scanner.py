"""A text comes in; its fields, its faults and its atoms go out, found in one walk from left to right."""

import re

from pipeline.fields.blocks import atoms, blame, pair
from pipeline.fields.nouns import Fault, Field, Role, Scan, Tag
from pipeline.fields.readers import HTML
from pipeline.fields.syntaxes import (
    BLANK_LINE,
    BRACES,
    COMMENTS,
    DELIMITERS,
    EXPRESSIONS,
    MAILCHIMP_START,
    NOTE,
    OPEN_SPARK,
    PROSE_SPARK,
    QUOTED,
    RANDOM,
    SALESFORCE,
    SNIPPET,
    SPANS,
    STATEMENT,
)

_DEPTH = 32  # alternations nested deeper than this, and longer runs of braces, are prose
_LONGEST_RUN = 8
_VERBATIM = ("raw", "comment", "verbatim")  # blocks in which nothing is a field


def scan(text: str) -> Scan:
    """Find every field, fault and atom of any text, in linear time; offsets count code points. Never raises.

    A block tag without its partner is a fault and also an atom of its own, so it is protected like any other.
    """
    if not PROSE_SPARK.search(text):
        return Scan(text)
    walk = Walk(text).run()
    partner, broken = pair(walk.fields)
    faults = sorted(walk.faults + broken, key=lambda fault: fault.start)
    return Scan(text, tuple(walk.fields), tuple(faults), tuple(atoms(walk.fields, partner)))


class Frame:
    """A delimiter that is open: where it began, what it is, and whether a bar has been met in it."""

    __slots__ = ("kind", "piped", "start")

    def __init__(self, start: int, kind: str) -> None:
        self.start, self.kind, self.piped = start, kind, False


class Walk:
    """One pass from left to right; a stack of open delimiters says what each closing brace closes."""

    def __init__(self, text: str, in_spin: bool = False) -> None:
        self.text = text
        self.in_spin = in_spin
        self.fields: list[Field] = []
        self.faults: list[Fault] = []
        self.stack: list[Frame] = []
        self.absent: set[str] = set()  # ends that do not occur in the rest of the text
        self.markup: frozenset[str] | None = None  # names of the elements that the text closes: </name>

    def run(self) -> "Walk":
        """Walk to the end of the text; what is still open there is given up."""
        at = 0
        while spark := (OPEN_SPARK if self.stack else PROSE_SPARK).search(self.text, at):
            at = self.step(spark.start(), spark[0])
        self.drop(0)
        return self

    def step(self, at: int, char: str) -> int:
        """Take what begins at `at`; return where to go on."""
        top = self.stack[-1] if self.stack else None
        if char == "{":
            return self.open(at)
        if char == "}":
            return self.close(at)
        if top and char in "|\"'":
            top.piped |= char == "|"
            quoted = QUOTED.match(self.text, at) if top.kind in EXPRESSIONS else None
            return quoted.end() if quoted else at + 1
        if top and top.kind == "{%" and self.text.startswith("%}", at):
            return self.shut(at + 2)
        return self.flat(at, char)

    def open(self, at: int) -> int:
        """Take a run of opening braces; return where to go on."""
        run = BRACES.match(self.text, at)
        end = run.end() if run else at + 1
        if end - at > _LONGEST_RUN:
            return end
        kind = self.kind(end - at, end)
        start = end - kind.count("{")
        for single in range(at, start):
            self.push(single, "{")
        if kind in COMMENTS:
            done = self.find(re.escape(COMMENTS[kind]), end)
            if done:
                self.keep(start, done.end(), "comment", Tag(Role.COMMENT))
                return done.end()
            kind = kind.rstrip("#!-")
        self.push(start, kind)
        return end + (kind == "{%")

    def kind(self, run: int, end: int) -> str:
        """The delimiter that a run of braces up to `end` opens last, the longest first."""
        mark = self.text[end : end + 1]
        if mark == "%" and STATEMENT.match(self.text, end - 1):
            return "{%"
        if run == 1:
            return "{!" if mark == "!" and SALESFORCE.match(self.text, end - 1) else "{#" if mark == "#" else "{"
        if self.text.startswith("!--", end):
            return "{{!--"
        if RANDOM.match(self.text, end - 2):
            return "{{|"
        return "{{" if run == 2 or mark in ("#", "/", "^", "!", ">") else "{{{"

    def push(self, start: int, kind: str) -> None:
        """Open a frame."""
        if kind != "{":  # a machine's tag never holds another one: the earlier was left open
            for depth, frame in enumerate(self.stack):
                if frame.kind in EXPRESSIONS:
                    self.drop(depth)
                    break
        if len(self.stack) == _DEPTH:
            self.lament(self.stack.pop(0))
        self.stack.append(Frame(start, kind))

    def close(self, at: int) -> int:
        """Take a closing brace, and those that it needs beside it; return where to go on."""
        if not self.stack:
            run = BRACES.match(self.text, at)
            end = run.end() if run else at + 1
            if 2 <= end - at <= _LONGEST_RUN:
                self.fault(at, end, "closes nothing", "add the braces that open the field, or delete these")
            return end
        top = self.stack[-1]
        closer = DELIMITERS[top.kind].closer
        if top.kind == "{{{" and not self.text.startswith("}}}", at) and self.text.startswith("}}", at):
            top.kind, closer = "{", "}}"  # {{{a}} | b}: a single brace stood before a double one
            self.stack.append(Frame(top.start + 1, "{{"))
        if top.kind != "{%" and self.text.startswith(closer, at):
            return self.shut(at + len(closer))
        return at + 1

    def shut(self, end: int) -> int:
        """Close the innermost frame at `end`; return where to go on."""
        frame = self.stack.pop()
        syntax, _, read = DELIMITERS[frame.kind]
        note = self.text.startswith("!", frame.start + 2)
        if frame.kind in ("{{", "{{{", "{!") and not note and BLANK_LINE.search(self.text, frame.start, end):
            self.lament(frame)
            return end
        tag = read(self.text[frame.start : end])
        if tag is None and frame.piped:
            syntax, tag = "spintax", Tag(Role.SPIN)
        if tag is None:
            return end
        if frame.kind == "{%" and tag.role is Role.OPEN and tag.word in _VERBATIM:
            return self.verbatim(frame.start, end, tag)
        self.keep(frame.start, end, syntax, tag)
        return end

    def verbatim(self, start: int, end: int, tag: Tag) -> int:
        """Step over a raw or comment block, in which nothing is a field."""
        ending = self.find(rf"\{{%[-+]?\s*end{tag.word}\s*[-+]?%\}}", end)
        if ending and tag.word == "comment":
            self.keep(start, ending.end(), "comment", Tag(Role.COMMENT))
            return ending.end()
        self.keep(start, end, "statement", tag)
        if not ending:
            return end
        self.keep(ending.start(), ending.end(), "statement", Tag(Role.CLOSE, word=tag.word))
        return ending.end()

    def find(self, pattern: str, at: int) -> re.Match[str] | None:
        """Look ahead, once only for an end that does not occur any more."""
        found = None if pattern in self.absent else re.compile(pattern).search(self.text, at)
        if found is None:
            self.absent.add(pattern)
        return found

    def flat(self, at: int, char: str) -> int:
        """Take a span that needs no stack, or step over a character of prose."""
        if self.text.startswith(NOTE, at) and (done := self.find("-->", at)):
            self.keep(at, done.end(), "comment", Tag(Role.COMMENT))
            return done.end()
        for syntax, pattern, read in SPANS.get(char, ()):
            found = pattern.match(self.text, at)
            if found and found.lastgroup == "fallback" and self.spinning():
                found = pattern.match(self.text, at, found.end("name") + 1)  # {%X%|there}: this bar parts wordings
            if found is None or (syntax == "angle" and self.is_markup(found["name"])):
                continue
            if tag := read(found):
                self.keep(at, found.end(), syntax, tag)
                return found.end()
        if char == "*" and (opened := MAILCHIMP_START.match(self.text, at)):
            self.fault(at, opened.end(), "is never closed", "close it with '|*', or delete it")
        return at + 1

    def spinning(self) -> bool:
        """Whether a bar would part the wordings of an alternation here."""
        return self.in_spin or any(frame.kind in ("{", "{{|") for frame in self.stack)

    def is_markup(self, name: str) -> bool:
        """Whether <name> is an element of HTML, or one that this text closes, and not a blank."""
        if self.markup is None:
            self.markup = HTML.union(word.lower() for word in re.findall(r"</(\w+)", self.text))
        return re.split(r"[\s/]", name, maxsplit=1)[0].lower() in self.markup

    def keep(self, start: int, end: int, syntax: str, tag: Tag) -> None:
        """Add a field, in place of those inside it."""
        while self.fields and self.fields[-1].start > start:
            self.fields.pop()
        by_hand = syntax in ("square", "angle")
        raw = self.text[start:end]
        self.fields.append(Field(start, end, raw, syntax, tag.role, tag.name, tag.fallback, by_hand, tag.word))

    def drop(self, depth: int) -> None:
        """Give up the frames from `depth` on: braces of prose, or tags left open."""
        for frame in self.stack[depth:]:
            self.lament(frame)
        del self.stack[depth:]

    def lament(self, frame: Frame) -> None:
        """Report a frame that was left open, unless it is a brace of prose."""
        if frame.kind != "{":
            snippet = SNIPPET.match(self.text, frame.start)
            end = snippet.end() if snippet else frame.start + 1
            closer = DELIMITERS[frame.kind].closer
            self.fault(frame.start, end, "is never closed", f"close it with '{closer}', or delete it")

    def fault(self, start: int, end: int, what: str, remedy: str) -> None:
        """Report what is wrong with a piece of the text."""
        self.faults.append(blame(start, self.text[start:end], what, remedy))
