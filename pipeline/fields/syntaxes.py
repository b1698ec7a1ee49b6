"""A place in a text comes in; what may begin there in any template language, how it ends and who reads it goes out."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.fields.nouns import Role, Tag
from pipeline.fields.patterns import Pattern
from pipeline.fields.readers import (
    brace,
    bracket,
    mailchimp,
    percent,
    plain,
    salesforce,
    single_brace,
    statement,
    triple_brace,
)


class Delimiter(NamedTuple):
    """A pair of delimiters that may hold others, so that a stack must say what closes what."""

    syntax: str
    closer: str
    read: Callable[[str], Tag | None]


class Span(NamedTuple):
    """A field that one pattern takes whole; the pattern names the `name`, and the `fallback` if there is one."""

    syntax: str
    pattern: Pattern
    read: Callable[[re.Match[str]], Tag | None]


DELIMITERS: Mapping[str, Delimiter] = {
    "{": Delimiter("single-brace", "}", single_brace),
    "{{": Delimiter("double-brace", "}}", brace),
    "{{{": Delimiter("triple-brace", "}}}", triple_brace),
    "{{|": Delimiter("spintax", "}}", lambda _: Tag(Role.SPIN)),
    "{!": Delimiter("salesforce", "}", salesforce),
    "{%": Delimiter("statement", "%}", statement),
}
EXPRESSIONS = frozenset(("{{", "{{{", "{!", "{%"))  # these hold no tag of their own kind
COMMENTS = {"{{!--": "--}}", "{#": "#}"}
NOTE = "<!--"  # how a comment of HTML and Markdown begins, up to -->
END_TAGS = {"statement": "{{% end{} %}}", "double-brace": "{{{{/{}}}}}", "mailchimp": "*|END:{}|*"}

# Spans that need no stack. No body holds its own first character, so a walk over many that never close stays linear.
_PERCENT = (
    r"(?<![\w%])%(?P<name>[A-Z][A-Z0-9_]*|[a-z]+(?:_[a-z0-9]+|[A-Z][a-z0-9]*)+)%(?![0-9A-Fa-f]{2})"
    r"(?:,\s?fallback=\"(?P<quoted>[^\"\n]*)\"|\|(?P<fallback>[^\W\d_][\w\-]*))?"
)
_GUILLEMET = (
    r"(?a:«(?P<name>[A-Z]\w*|[a-z]+[A-Z_]\w*|(?:[A-Z]\w+ )+"
    r"(?:Name|Company|Title|City|Email|Date|Address|Phone|State|Country|Position|Role))»)"
)
SPANS: Mapping[str, tuple[Span, ...]] = {  # by their first character, the surest first
    "*": (Span("mailchimp", Pattern(r"\*\|\s*(?P<name>[A-Z][^*\n]*)\|\*"), mailchimp),),
    "%": (
        Span("percent", Pattern(_PERCENT), percent),
        Span("percent", Pattern(r"%\((?P<name>[A-Za-z_]\w*)\)[sdrf]"), plain),
    ),
    "$": (
        Span("dollar", Pattern(r"\$\{(?P<name>[A-Za-z_][\w.]*)\}"), plain),
        Span("dollar", Pattern(r"(?<!\w)\$(?P<name>[a-z]+(?:_[a-z0-9]+|[A-Z][a-z0-9]*)+)"), plain),
    ),
    "#": (Span("hash-dollar", Pattern(r"#\$(?P<name>[^#$\s]+)\$#"), plain),),
    "<": (
        Span("angle-dollar", Pattern(r"<\$(?P<name>[^$<>\n]+)\$>"), plain),
        Span("double-angle", Pattern(r"<<(?P<name>[^\W\d][\w '\u2019\-/&.]{0,59})>>"), plain),
        Span("angle", Pattern(r"<(?P<name>[^\W\d][\w '\u2019\-/&]{0,59})>"), plain),
    ),
    "[": (
        Span("double-square", Pattern(r"\[\[(?P<name>[^\[\]{}\n]+)\]\]"), plain),
        Span("square", Pattern(r"\[(?P<name>(?:[^\[\]{}\n]|\{\{[^\[\]{}\n]*\}\}){1,300})\]"), bracket),
    ),
    "«": (Span("guillemet", Pattern(_GUILLEMET), plain),),
}

PROSE_SPARK = Pattern(r"[{}%\[<*«$#]")  # where something may begin: all that a plain text ever pays for
OPEN_SPARK = Pattern(r"[{}%\[<*«$#|\"']")
BRACES = Pattern(r"\{+|\}+")
STATEMENT = Pattern(r"\{%[-+=]?\s*[A-Za-z](?!(?<=%[A-Z])[A-Z0-9_]*%[^}])")  # {%NAME%|...} is a percent field
SALESFORCE = Pattern(r"\{!\s*\$?[A-Za-z]")
RANDOM = Pattern(r"\{\{\s*random\s*\|", re.IGNORECASE)
MAILCHIMP_START = Pattern(r"\*\|[A-Z]{2}[A-Z0-9_:]*")
QUOTED = Pattern(r"""(?<!\w)(?:"[^"\n]*"|'[^'\n]*')(?!\w)""")
BLANK_LINE = Pattern(r"\n[ \t\r]*\n")
SNIPPET = Pattern(r"[{%!*|#]{1,3}[ ]?[^\s{}]{0,40}[}%]{0,2}")  # what a fault quotes of a tag without an end
