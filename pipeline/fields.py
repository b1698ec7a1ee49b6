"""A text comes in; its merge fields, blocks and spintax, of any template language, go out as spans to protect."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from itertools import count
from typing import Literal, NamedTuple


class Role(StrEnum):
    """What a field does in its text."""

    VALUE = auto()  # words put in when the message is sent
    OPEN = auto()  # the three tags of a block
    MIDDLE = auto()
    CLOSE = auto()
    SPIN = auto()  # one of several wordings, picked when sent
    COMMENT = auto()  # never shown: comments, and statements that only compute
    TODO = auto()  # an instruction to the sender, in prose


@dataclass(frozen=True, slots=True)
class Field:
    """One tag of a template language; offsets count code points, and `raw` is exactly `text[start:end]`."""

    start: int
    end: int
    raw: str
    syntax: str  # "double-brace", "statement", "mailchimp" ...
    role: Role
    name: str = ""  # the variable as written, in an OPEN or MIDDLE tag the one it tests; "" where there is none
    fallback: str | None = None  # the words shown when the value is empty
    by_hand: bool = False  # a person fills it, not a machine
    word: str = ""  # the block that a tag opens or closes: "if", "each", "IF"; "" for a bare "end" and other roles


@dataclass(frozen=True, slots=True)
class Fault:
    """A tag that is unclosed, unopened or crossed, and what to do about it; offsets count code points."""

    start: int
    end: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Scan:
    """All that `scan` found, in order; the atoms are the spans that may be moved but never opened."""

    text: str
    fields: tuple[Field, ...] = ()
    faults: tuple[Fault, ...] = ()
    atoms: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with a sentinel for each atom, and the bytes that each sentinel stands for."""

    text: str
    originals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """An atom that a rewrite lost, added or moved past another block."""

    kind: Literal["lost", "added", "reordered"]
    raw: str


class _Tag(NamedTuple):
    """What a reader makes of one delimited span; it answers None where the span is prose."""

    role: Role
    name: str = ""
    fallback: str | None = None
    word: str = ""


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


# ---- words of the languages ------------------------------------------------------------------------------------------
_DEPTH = 32  # alternations nested deeper than this, and longer runs of braces, are prose
_LONGEST_RUN = 8
_READ_LIMIT = 400  # characters of one tag in which a name and a fallback are looked for

_BLOCKS = _words(
    "if unless for case capture raw comment verbatim tablerow each with block macro call filter set autoescape "
    "ifchanged trans spaceless"
)
_ELSE = _words("else elseif elsif elif when")
_VERBATIM = _words("raw comment verbatim")
_UNSHOWN = _words("capture macro set")  # blocks that show nothing where they stand
_PRINTING = _words("include render cycle echo")  # statements that put words in
_MODIFIERS = _words("UPPER LOWER TITLE HTML")
_FILTERS = _words(
    "capitalize capitalise upcase downcase upper lower title titlecase titleize trim strip lstrip rstrip escape e safe "
    "first last size length strip_html strip_newlines newline_to_br url_encode json string int abs sort reverse "
    "lowercase uppercase propercase"
)
_MAILCHIMP_BLOCKS = {word: word for word in _words("IF INTERESTED RSSITEMS FEEDBLOCK FEEDITEMS")}
_MAILCHIMP_BLOCKS |= {"IFNOT": "IF", "NOTINTERESTED": "INTERESTED"}
_HTML = _words(
    "a abbr b big blockquote body br button center code dd div dl dt em font footer form h1 h2 h3 h4 h5 h6 head header "
    "hr html i iframe img input ins li main mark meta nav ol option p pre q s script select small span strike strong "
    "style sub sup svg table tbody td tfoot th thead tr tt u ul video wbr"
)
_ASIDES = {"citation needed", "emphasis added", "emphasis mine", "email protected"} | _words(
    "sic edit edited update updated deleted removed redacted laughs laughter applause pause inaudible crosstalk "
    "external ext internal confidential spam fwd re"
)  # brackets that an editor or a mail program writes, not a template

_Q = r"""(?:"(?P<dq>[^"]*)"|'(?P<sq>[^']*)'|[\u201c\u2018](?P<cq>[^\u201d\u2019]*)[\u201d\u2019])"""
_VALUES = tuple(  # ways to write a name with the words that stand in for it, the surest first
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"""\w+\(\s*["'](?P<name>[^"']*)["']\s*,\s*{_Q}""",
        rf"(?:BLANKVALUE|NULLVALUE)\((?P<name>[^,()]+),\s*{_Q}",
        rf"(?P<name>[^|]*?)\s*(?:\|\||\bor\b)\s*{_Q}",
        rf"(?P<name>[^|]*?)\s+if\b.*\belse\s+{_Q}",
        r"(?P<name>[^|:]*):default=(?P<plain>.*)",
        rf"(?P<name>[^|]*)\|.*?\bdefault\s*[:(]\s*{_Q}",
        r"(?P<name>[^|]*)\|(?P<plain>[^|:()]*)\Z",
    )
)
_PLAIN = re.compile(r"[^\W\d][\w.]*")
_CALL = re.compile(r"""personalization_token\(\s*["'](?P<name>[^"']*)""")
_NAME = re.compile(r"[$@]?[^\W\d][\w.\-/]*(?: [\w.\-]+)*(?![\w(])")
_TESTED = re.compile(r"(?:not\s|\w+\s+in\s|[(!\s])*(?P<name>[^\W\d][\w.]*)")
_INNER = re.compile(r"(?P<mark>[#^/]?)\s*(?P<word>[\w.\-@]*)\s*(?P<rest>.*)", re.DOTALL)
_STATEMENT = re.compile(r"\{%[-+=]?\s*[A-Za-z](?!(?<=%[A-Z])[A-Z0-9_]*%[^}])")  # {%NAME%|...} is a percent field
_SALESFORCE = re.compile(r"\{!\s*\$?[A-Za-z]")
_RANDOM = re.compile(r"\{\{\s*random\s*\|", re.IGNORECASE)
_SINGLE = re.compile(
    r"\{(?:\w+=(?P<pair>[\w.\-]+)(?:\|(?P<fallback>[^{}|]*))?"
    r"|(?P<name>[^\W\d][\w.\-]*|[A-Z]\w*(?: [A-Z]\w*){1,3})"
    r"(?:![rsa])?(?::(?:%[^{}|]+|(?:.?[<>=^])?[-+ ]?#?0?\d*,?(?:\.\d+)?[a-zA-Z%]?))?)\}"
)
_INSTRUCTION = re.compile(
    r"(?:please\s+|briefly\b|(?:insert|add|mention|describe|explain|include|specify|personali[sz]e|customi[sz]e|tailor|"
    r"fill|replace|write|enter|provide|choose|summari[sz]e|compliment|tell|talk|say|paste)\b"
    r"|(?:reference|state|name|share|list|note|use|pick|select|give|link|offer|propose|attach|ask|put|cite|highlight|"
    r"detail|show|quote|refer)\s+(?:to\s+|in\s+)?(?:a|an|the|one|any|some|something|someone|your|their|his|her|why|"
    r"what|how|where|when|that|this|it|them)\b)",
    re.IGNORECASE,
)
_SENTINEL = re.compile(r"<<\d+>>")


# ---- readers: one span in, its tag out -------------------------------------------------------------------------------
def _value(body: str) -> _Tag:
    body = body[:_READ_LIMIT].strip()
    if _PLAIN.fullmatch(body):
        return _Tag(Role.VALUE, body)
    for way in _VALUES:
        if (found := way.match(body)) is None:
            continue
        groups = found.groupdict()
        words = next((groups[key] for key in ("dq", "sq", "cq", "plain") if groups.get(key) is not None), "")
        if way is _VALUES[-1] and words.strip().lower() in _FILTERS:
            continue
        return _Tag(Role.VALUE, _name(groups["name"]), words.strip(" \t\n\"'") if groups.get("plain") else words)
    call = _CALL.match(body)
    return _Tag(Role.VALUE, call["name"] if call else _name(body.partition("|")[0]))


def _name(written: str) -> str:
    found = _NAME.match(written.replace("${", "").replace("}", "").strip())
    return found[0] if found else ""


def _tested(rest: str) -> str:
    found = _TESTED.match(rest[:_READ_LIMIT])
    return found["name"] if found else ""


def _block(word: str, rest: str) -> _Tag | None:
    """The tag that a word makes in the languages that spell blocks as words; None for any other word."""
    if word in _ELSE:
        return _Tag(Role.MIDDLE, _tested(rest.removeprefix("if ")))
    if word.startswith("end") and (word == "end" or word[3:] in _BLOCKS):
        return _Tag(Role.CLOSE, word=word[3:])
    if word in _BLOCKS and not (word == "set" and "=" in rest):
        return _Tag(Role.OPEN, _tested(rest), word=word)
    return None


def _statement(raw: str) -> _Tag:
    body = raw[2:-2].strip("-+ \t\r\n")
    if body.startswith("="):
        return _value(body[1:])
    inner = _INNER.match(body)
    word, rest = (inner["word"].lower(), inner["rest"]) if inner else ("", "")
    return _block(word, rest) or _Tag(Role.VALUE if word in _PRINTING else Role.COMMENT, _tested(rest))


def _brace(raw: str, width: int = 2) -> _Tag:
    body = raw[width:-width].strip("~-& \t\r\n")
    if body.startswith("!"):
        return _Tag(Role.VALUE, body[1:]) if re.fullmatch(r"my[\w.]*", body[1:]) else _Tag(Role.COMMENT)
    if body.startswith(">"):
        return _Tag(Role.VALUE, _name(body[1:]))
    inner = _INNER.match(body)
    mark, word, rest = inner.group("mark", "word", "rest") if inner else ("", "", "")
    if mark == "/":
        return _Tag(Role.CLOSE, word=word)
    if mark == "^" and not word:
        return _Tag(Role.MIDDLE)
    spelled = _block(word.lower(), rest) if word != "when" else None
    if spelled and (mark or spelled.role is not Role.OPEN or (word == "if" and rest)):
        return spelled
    return _Tag(Role.OPEN, _tested(rest) or word, word=word) if mark else _value(body)


def _salesforce(raw: str) -> _Tag:
    body = raw[2:-1][:_READ_LIMIT].strip()
    name, comma, words = body.partition(",")
    if "(" not in body:
        return _Tag(Role.VALUE, name.strip(), words.strip() if comma else None)
    return _value(body)


def _single(raw: str) -> _Tag | None:
    found = _SINGLE.fullmatch(raw) if len(raw) <= _READ_LIMIT else None
    return _Tag(Role.VALUE, found["pair"] or found["name"], found["fallback"]) if found else None


def _mailchimp(body: str) -> _Tag:
    head, _, rest = body.strip().partition(":")
    if head == "END":
        return _Tag(Role.CLOSE, word=_MAILCHIMP_BLOCKS.get(rest, rest))
    if head in ("ELSE", "ELSEIF"):
        return _Tag(Role.MIDDLE, _tested(rest))
    if head in _MAILCHIMP_BLOCKS:
        return _Tag(Role.OPEN, _tested(rest), word=_MAILCHIMP_BLOCKS[head])
    return _Tag(Role.VALUE, rest if head in _MODIFIERS else head)


def _bracket(inner: str, before: str, after: str) -> _Tag | None:
    """Tell a blank to be filled from a note, a link, a check box and an editor's aside."""
    words = inner.strip()
    if after.startswith("(") or not re.match(r"[^\w^!\"'{\[]*[^\W\d_]|\{\{", words) or words.lower() in _ASIDES:
        return None
    if len(words) == 1 and (words != "X" or not before.strip("-*+ \n") or after[:1].isalpha()):
        return None  # [x] a box, [B]oth an editor's letter; [X] years is a blank
    if before[-1:].isalnum() and not words[0].isupper():
        return None  # item[s], list[index]
    if _INSTRUCTION.match(words) or words.endswith("?") or (len(words.split()) > 8 and words[-1] not in ".!"):
        return _Tag(Role.TODO)
    return None if words[-1] in ".!" and len(words.split()) > 3 else _Tag(Role.VALUE, words)


# Spans that need no stack. No body holds its own first character, so a walk over many that never close stays linear.
_PERCENT = (
    r"(?<![\w%])%(?P<name>[A-Z][A-Z0-9_]*|[a-z]+(?:_[a-z0-9]+|[A-Z][a-z0-9]*)+)%(?![0-9A-Fa-f]{2})"
    r"(?:,\s?fallback=\"(?P<quoted>[^\"\n]*)\"|\|(?P<fallback>[^\W\d_][\w\-]*))?"
)
_GUILLEMET = (
    r"(?a:«(?P<name>[A-Z]\w*|[a-z]+[A-Z_]\w*|(?:[A-Z]\w+ )+"
    r"(?:Name|Company|Title|City|Email|Date|Address|Phone|State|Country|Position|Role))»)"
)
_FLAT: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _first, _syntax, _pattern in (
    ("*", "mailchimp", r"\*\|\s*(?P<name>[A-Z][^*\n]*)\|\*"),
    ("%", "percent", _PERCENT),
    ("%", "percent", r"%\((?P<name>[A-Za-z_]\w*)\)[sdrf]"),
    ("$", "dollar", r"\$\{(?P<name>[A-Za-z_][\w.]*)\}"),
    ("$", "dollar", r"(?<!\w)\$(?P<name>[a-z]+(?:_[a-z0-9]+|[A-Z][a-z0-9]*)+)"),
    ("#", "hash-dollar", r"#\$(?P<name>[^#$\s]+)\$#"),
    ("<", "angle-dollar", r"<\$(?P<name>[^$<>\n]+)\$>"),
    ("<", "angle", r"<(?P<name>[^\W\d][\w '\u2019\-/&]{0,59})>"),
    ("[", "double-square", r"\[\[(?P<name>[^\[\]{}\n]+)\]\]"),
    ("[", "square", r"\[(?P<name>(?:[^\[\]{}\n]|\{\{[^\[\]{}\n]*\}\}){1,300})\]"),
    ("«", "guillemet", _GUILLEMET),
):
    _FLAT.setdefault(_first, []).append((_syntax, re.compile(_pattern)))
_READERS: dict[str, tuple[str, Callable[[str], _Tag | None]]] = {
    "{": ("single-brace", _single),
    "{{": ("double-brace", _brace),
    "{{{": ("triple-brace", lambda raw: _brace(raw, 3)),
    "{{|": ("spintax", lambda _: _Tag(Role.SPIN)),
    "{!": ("salesforce", _salesforce),
    "{%": ("statement", _statement),
}
_CLOSER = {"{": "}", "{{": "}}", "{{{": "}}}", "{{|": "}}", "{!": "}", "{%": "%}"}
_EXPRESSIONS = frozenset(("{{", "{{{", "{!", "{%"))  # these hold no tag of their own kind
_PROSE_SPARK = re.compile(r"[{}%\[<*«$#]")  # where something may begin: all that a plain text ever pays for
_OPEN_SPARK = re.compile(r"[{}%\[<*«$#|\"']")
_RUN = re.compile(r"\{+|\}+")
_QUOTED = re.compile(r"""(?<!\w)(?:"[^"\n]*"|'[^'\n]*')(?!\w)""")
_COMMENTS = {"{{!--": "--}}", "{#": "#}"}
_MAILCHIMP_START = re.compile(r"\*\|[A-Z]{2}[A-Z0-9_:]*")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_SNIPPET = re.compile(r"[{%!*|#]{1,3}[ ]?[^\s{}]{0,40}[}%]{0,2}")


# ---- the walk --------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Frame:
    start: int
    kind: str
    piped: bool = False


@dataclass(slots=True)
class _Walk:
    """One pass from left to right; a stack of open delimiters says what each closing brace closes."""

    text: str
    in_spin: bool = False
    fields: list[Field] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    absent: set[str] = field(default_factory=set)  # ends that do not occur in the rest of the text
    markup: frozenset[str] | None = None  # names of the elements that the text closes: </name>

    def run(self) -> "_Walk":
        at = 0
        while spark := (_OPEN_SPARK if self.stack else _PROSE_SPARK).search(self.text, at):
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
            quoted = _QUOTED.match(self.text, at) if top.kind in _EXPRESSIONS else None
            return quoted.end() if quoted else at + 1
        if top and top.kind == "{%" and self.text.startswith("%}", at):
            return self.shut(at + 2)
        return self.flat(at, char)

    def open(self, at: int) -> int:
        run = _RUN.match(self.text, at)
        end = run.end() if run else at + 1
        if end - at > _LONGEST_RUN:
            return end
        kind = self.kind(end - at, end)
        start = end - kind.count("{")
        for single in range(at, start):
            self.push(single, "{")
        if kind in _COMMENTS:
            done = self.find(re.escape(_COMMENTS[kind]), end)
            if done:
                self.keep(start, done.end(), "comment", _Tag(Role.COMMENT))
                return done.end()
            kind = kind.rstrip("#!-")
        self.push(start, kind)
        return end + (kind == "{%")

    def kind(self, run: int, end: int) -> str:
        """The delimiter that a run of braces up to `end` opens last, the longest first."""
        if _STATEMENT.match(self.text, end - 1):
            return "{%"
        if run == 1:
            return "{!" if _SALESFORCE.match(self.text, end - 1) else "{#" if self.text.startswith("#", end) else "{"
        if self.text.startswith("!--", end):
            return "{{!--"
        if _RANDOM.match(self.text, end - 2):
            return "{{|"
        return "{{" if run == 2 or self.text.startswith(("#", "/", "^", "!", ">"), end) else "{{{"

    def push(self, start: int, kind: str) -> None:
        if kind != "{":  # a machine's tag never holds another one: the earlier was left open
            held = next((depth for depth, frame in enumerate(self.stack) if frame.kind in _EXPRESSIONS), None)
            if held is not None:
                self.drop(held)
        if len(self.stack) == _DEPTH:
            self.lament(self.stack.pop(0))
        self.stack.append(_Frame(start, kind))

    def close(self, at: int) -> int:
        if not self.stack:
            run = _RUN.match(self.text, at)
            end = run.end() if run else at + 1
            if 2 <= end - at <= _LONGEST_RUN:
                self.fault(at, end, "closes nothing", "add the braces that open the field, or delete these")
            return end
        top = self.stack[-1]
        closer = _CLOSER[top.kind]
        if top.kind == "{{{" and not self.text.startswith("}}}", at) and self.text.startswith("}}", at):
            top.kind, closer = "{", "}}"  # {{{a}} | b}: a single brace stood before a double one
            self.stack.append(_Frame(top.start + 1, "{{"))
        if top.kind != "{%" and self.text.startswith(closer, at):
            return self.shut(at + len(closer))
        return at + 1

    def shut(self, end: int) -> int:
        """Close the innermost frame at `end`; return where to go on."""
        frame = self.stack.pop()
        syntax, reader = _READERS[frame.kind]
        note = self.text.startswith("!", frame.start + 2)
        if frame.kind in _EXPRESSIONS - {"{%"} and not note and _BLANK_LINE.search(self.text, frame.start, end):
            self.lament(frame)
            return end
        raw = self.text[frame.start : end]
        tag = reader(raw)
        if tag is None and frame.piped:
            syntax, tag = "spintax", _Tag(Role.SPIN)
        if tag is None:
            return end
        if frame.kind == "{%" and tag.role is Role.OPEN and tag.word in _VERBATIM:
            return self.verbatim(frame.start, end, tag)
        self.keep(frame.start, end, syntax, tag)
        return end

    def verbatim(self, start: int, end: int, tag: _Tag) -> int:
        """Step over a raw or comment block, in which nothing is a field."""
        ending = self.find(rf"\{{%[-+]?\s*end{tag.word}\s*[-+]?%\}}", end)
        if ending and tag.word == "comment":
            self.keep(start, ending.end(), "comment", _Tag(Role.COMMENT))
            return ending.end()
        self.keep(start, end, "statement", tag)
        if not ending:
            return end
        self.keep(ending.start(), ending.end(), "statement", _Tag(Role.CLOSE, word=tag.word))
        return ending.end()

    def find(self, pattern: str, at: int) -> re.Match[str] | None:
        """Look ahead, once only for an end that does not occur any more."""
        found = None if pattern in self.absent else re.compile(pattern).search(self.text, at)
        if found is None:
            self.absent.add(pattern)
        return found

    def flat(self, at: int, char: str) -> int:
        """Take a span that needs no stack, or step over a character of prose."""
        for syntax, pattern in _FLAT.get(char, ()):
            if found := pattern.match(self.text, at):
                end = found.end()
                tag: _Tag | None = _Tag(Role.VALUE, found["name"].strip())
                if syntax == "square":
                    tag = _bracket(found["name"], self.text[max(0, at - 3) : at], self.text[end : end + 1])
                elif syntax == "angle" and self.is_markup(found["name"]):
                    tag = None
                elif syntax == "mailchimp":
                    tag = _mailchimp(found["name"])
                elif syntax == "percent" and found.lastgroup != "name":  # %X%|there, where the bar divides no spintax
                    if found["fallback"] and (self.in_spin or any(frame.kind in ("{", "{{|") for frame in self.stack)):
                        end = found.end("name") + 1
                    else:
                        tag = _Tag(Role.VALUE, found["name"], found["fallback"] or found["quoted"])
                if tag:
                    self.keep(at, end, syntax, tag)
                    return end
        if char == "*" and (opened := _MAILCHIMP_START.match(self.text, at)):
            self.fault(at, opened.end(), "is never closed", "close it with '|*', or delete it")
        return at + 1

    def is_markup(self, name: str) -> bool:
        """Whether <name> is an element of HTML, or one that this text closes, and not a blank."""
        if self.markup is None:
            self.markup = _HTML.union(word.lower() for word in re.findall(r"</(\w+)", self.text))
        return re.split(r"[\s/]", name, maxsplit=1)[0].lower() in self.markup

    def keep(self, start: int, end: int, syntax: str, tag: _Tag) -> None:
        while self.fields and self.fields[-1].start > start:  # these lie inside it
            self.fields.pop()
        by_hand = syntax in ("square", "angle")
        raw = self.text[start:end]
        self.fields.append(Field(start, end, raw, syntax, tag.role, tag.name, tag.fallback, by_hand, tag.word))

    def drop(self, depth: int) -> None:
        """Give up the frames from `depth` on: braces of prose, or tags left open."""
        for frame in self.stack[depth:]:
            self.lament(frame)
        del self.stack[depth:]

    def lament(self, frame: _Frame) -> None:
        if frame.kind != "{":
            snippet = _SNIPPET.match(self.text, frame.start)
            end = snippet.end() if snippet else frame.start + 1
            self.fault(frame.start, end, "is never closed", f"close it with '{_CLOSER[frame.kind]}', or delete it")

    def fault(self, start: int, end: int, what: str, remedy: str) -> None:
        self.faults.append(Fault(start, end, f"'{_short(self.text[start:end])}' {what}", remedy))


def _short(raw: str) -> str:
    words = " ".join(raw[:200].split())
    return words if len(words) <= 40 else words[:39] + "…"


# ---- blocks ----------------------------------------------------------------------------------------------------------
_END_TAGS = {"statement": "{{% end{} %}}", "double-brace": "{{{{/{}}}}}", "mailchimp": "*|END:{}|*"}


def _pair(fields: list[Field]) -> tuple[dict[int, int], list[Fault]]:
    """Match the tags of blocks: the index of each CLOSE by that of its OPEN, and the faults of the others."""
    partner: dict[int, int] = {}
    faults: list[Fault] = []
    waiting: list[int] = []
    counts: Counter[tuple[str, str]] = Counter()

    def blame(tag: Field, what: str, remedy: str) -> None:
        faults.append(Fault(tag.start, tag.end, f"'{_short(tag.raw)}' {what}", remedy))

    for i, tag in enumerate(fields):
        around = bool(waiting) and fields[waiting[-1]].syntax == tag.syntax
        if tag.role is Role.OPEN:
            waiting.append(i)
            counts[tag.syntax, tag.word] += 1
        elif tag.role is Role.MIDDLE and not around:
            blame(tag, "stands outside any block", "add the tag that opens the block, or delete this one")
        elif tag.role is Role.CLOSE and not (counts[tag.syntax, tag.word] if tag.word else around):
            blame(tag, "closes nothing", "add the tag that opens the block, or delete this one")
        elif tag.role is Role.CLOSE:
            while True:
                j = waiting.pop()
                counts[fields[j].syntax, fields[j].word] -= 1
                if fields[j].syntax == tag.syntax and tag.word in ("", fields[j].word):
                    partner[j] = i
                    break
                blame(fields[j], f"is still open at '{_short(tag.raw)}'", "close the inner block before the outer one")
    for j in waiting:
        ending = _END_TAGS.get(fields[j].syntax, "{}").format(fields[j].word)
        blame(fields[j], "is never closed", f"add '{ending}' after it, or delete the tag")
    return partner, faults


def _atoms(fields: list[Field], partner: dict[int, int]) -> Iterator[tuple[int, int]]:
    i = 0
    while i < len(fields):
        last = partner.get(i, i)
        yield fields[i].start, fields[last].end
        i = last + 1


def _scan(text: str, in_spin: bool = False) -> Scan:
    if not _PROSE_SPARK.search(text):
        return Scan(text)
    walk = _Walk(text, in_spin).run()
    partner, broken = _pair(walk.fields)
    faults = sorted(walk.faults + broken, key=lambda fault: fault.start)
    return Scan(text, tuple(walk.fields), tuple(faults), tuple(_atoms(walk.fields, partner)))


# ---- what the house calls --------------------------------------------------------------------------------------------
def scan(text: str) -> Scan:
    """Find every field, fault and atom of any text, in linear time; offsets count code points. Never raises.

    A block tag without its partner is a fault and also an atom of its own, so it is protected like any other.
    """
    return _scan(text)


def mask(text: str) -> Masked:
    """Put a short sentinel, <<1>>, in place of each atom, passing over any that the text already holds."""
    taken = set(_SENTINEL.findall(text))
    free = (name for n in count(1) if (name := f"<<{n}>>") not in taken)
    originals: dict[str, str] = {}
    pieces: list[str] = []
    at = 0
    for (start, end), name in zip(scan(text).atoms, free, strict=False):
        originals[name] = text[start:end]
        pieces += text[at:start], name
        at = end
    return Masked("".join((*pieces, text[at:])), originals)


def restore(text: str, masked: Masked) -> str:
    """Put the original bytes back for each sentinel in `text`; a sentinel that `masked` does not know stays."""
    return _SENTINEL.sub(lambda found: masked.originals.get(found[0], found[0]), text)


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What a rewrite did to the atoms: lost, added (new faults too), or blocks in another order; () when sound."""
    if before == after:
        return ()
    old, new = scan(before), scan(after)
    was, now = (Counter(side.text[a:b] for a, b in side.atoms) for side in (old, new))
    lost, added = was - now, now - was
    broken, breaks = (Counter(side.text[fault.start : fault.end] for fault in side.faults) for side in (old, new))
    kept = was & now
    moved = [b for a, b in zip(_blocks(old, kept), _blocks(new, kept), strict=False) if a != b]
    return (
        *(Change("lost", raw) for raw in lost.elements()),
        *(Change("added", raw) for raw in added.elements()),
        *(Change("added", raw) for raw in (breaks - broken).elements() if raw not in added),
        *(Change("reordered", raw) for raw in dict.fromkeys(moved)),
    )


def _blocks(scan: Scan, kept: Counter[str]) -> Iterator[str]:
    """The blocks of a text in order, as many of each as both texts have."""
    left = kept.copy()
    begins = {tag.start for tag in scan.fields if tag.role in (Role.OPEN, Role.MIDDLE, Role.CLOSE)}
    for start, end in scan.atoms:
        raw = scan.text[start:end]
        if start in begins and left[raw] > 0:
            left[raw] -= 1
            yield raw


def blank(text: str, scan: Scan | None = None) -> str:
    """Hide each field behind as many U+E000: same length, same offsets, the prose inside blocks still to be seen."""
    found = scan or _scan(text)
    return _cover(text, ((tag.start, tag.end) for tag in found.fields))


def _cover(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += text[at:start], "\ue000" * (end - start)
        at = end
    return "".join((*pieces, text[at:]))


# ---- the text as sent ------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Branch:
    """A wording under construction: a tree of strings, so that nested blocks are never copied, and its length."""

    parts: "list[str | _Branch]" = field(default_factory=list)
    units: int = 0  # UTF-16 code units, as the platforms count

    def add(self, part: "str | _Branch") -> None:
        self.parts.append(part)
        self.units += part.units if isinstance(part, _Branch) else len(part.encode("utf-16-le", "surrogatepass")) // 2

    def words(self) -> str:
        leaves: list[str] = []
        todo = [iter(self.parts)]
        while todo:
            for part in todo[-1]:
                if isinstance(part, _Branch):
                    todo.append(iter(part.parts))
                    break
                leaves.append(part)
            else:
                todo.pop()
        return "".join(leaves)


def render(text: str, value: Callable[[Field], str]) -> str:
    """The text as it would be sent, at its longest in UTF-16 units; raises only what `value` raises.

    `value` gives the words for each VALUE and TODO. Of a block or spintax the longest branch is taken, a loop runs
    once, and tags and comments say nothing.
    """
    return _render(text, value, in_spin=False).words()


def _render(text: str, value: Callable[[Field], str], in_spin: bool) -> _Branch:
    fields = _Walk(text, in_spin).run().fields
    partner, _ = _pair(fields)
    stack = [[_Branch()]]  # for each open block the branches so far
    opened: list[int] = []
    at = 0
    for i, tag in enumerate(fields):
        stack[-1][-1].add(text[at : tag.start])
        at = tag.end
        if i in partner:
            opened.append(i)
            stack.append([_Branch()])
        elif tag.role is Role.MIDDLE and opened and fields[opened[-1]].syntax == tag.syntax:
            stack[-1].append(_Branch())
        elif tag.role is Role.CLOSE and opened and partner[opened[-1]] == i:
            longest = max(stack.pop(), key=lambda branch: branch.units)
            if fields[opened.pop()].word not in _UNSHOWN:
                stack[-1][-1].add(longest)
        elif tag.role in (Role.VALUE, Role.TODO):
            stack[-1][-1].add(value(tag))
        elif tag.role is Role.SPIN:
            rendered = [_render(branch, value, in_spin=True) for branch in _branches(tag.raw)]
            stack[-1][-1].add(max(rendered, key=lambda branch: branch.units))
    stack[-1][-1].add(text[at:])
    return stack[-1][-1]


def _branches(raw: str) -> list[str]:
    """The wordings of an alternation; _render calls itself for each, at most _DEPTH deep."""
    random = _RANDOM.match(raw)
    inner = raw[random.end() : -2] if random else raw[1:-1]
    bars = [bar.start() for bar in re.finditer(r"\|", _cover(inner, _scan(inner, in_spin=True).atoms))]
    branches = [inner[a + 1 : b] for a, b in zip([-1, *bars], [*bars, len(inner)], strict=True)]
    return [branch.strip() for branch in branches] if random else branches
