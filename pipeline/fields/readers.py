"""The inside of one tag comes in; what it says in its template language goes out: role, name, fallback, block word."""

import re

from pipeline.fields.nouns import Role, Tag
from pipeline.fields.patterns import Pattern


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


_READ_LIMIT = 400  # characters of one tag in which a name and a fallback are looked for

_BLOCKS = _words(
    "if unless for case capture raw comment verbatim tablerow each with block macro call filter set autoescape "
    "ifchanged trans spaceless"
)
_ELSE = _words("else elseif elsif elif when")
_PRINTING = _words("include render cycle echo")  # statements that put words in
_MODIFIERS = _words("UPPER LOWER TITLE HTML")
_FILTERS = _words(
    "capitalize capitalise upcase downcase upper lower title titlecase titleize trim strip lstrip rstrip escape e safe "
    "first last size length strip_html strip_newlines newline_to_br url_encode json string int abs sort reverse "
    "lowercase uppercase propercase"
)
_MAILCHIMP_BLOCKS = {word: word for word in _words("IF INTERESTED RSSITEMS FEEDBLOCK FEEDITEMS")}
_MAILCHIMP_BLOCKS |= {"IFNOT": "IF", "NOTINTERESTED": "INTERESTED"}
HTML = _words(
    "a abbr b big blockquote body br button center code dd div dl dt em font footer form h1 h2 h3 h4 h5 h6 head header "
    "hr html i iframe img input ins li main mark meta nav ol option p pre q s script select small span strike strong "
    "style sub sup svg table tbody td tfoot th thead tr tt u ul video wbr"
)
_ASIDES = {"citation needed", "emphasis added", "emphasis mine", "email protected"} | _words(
    "sic edit edited update updated deleted removed redacted laughs laughter applause pause inaudible crosstalk "
    "external ext internal confidential spam fwd re"
)  # brackets that an editor or a mail program writes, not a template

_QUOTED = r"""(?:"(?P<dq>[^"]*)"|'(?P<sq>[^']*)'|[\u201c\u2018](?P<cq>[^\u201d\u2019]*)[\u201d\u2019])"""
_VALUES = tuple(  # ways to write a name with the words that stand in for it, the surest first
    Pattern(pattern, re.DOTALL)
    for pattern in (
        rf"""\w+\(\s*["'](?P<name>[^"']*)["']\s*,\s*{_QUOTED}""",
        rf"(?:BLANKVALUE|NULLVALUE)\((?P<name>[^,()]+),\s*{_QUOTED}",
        rf"(?P<name>[^|]*?)(?:\|\||\bor\b)\s*{_QUOTED}",
        rf"(?P<name>[^|]*?)\sif\b.*\belse\s+{_QUOTED}",
        r"(?P<name>[^|:]*):default=(?P<plain>.*)",
        rf"(?P<name>[^|]*)\|.*?\bdefault\s*[:(]\s*{_QUOTED}",
        r"(?P<name>[^|]*)\|(?P<plain>[^|:()]*)\Z",
    )
)
_PLAIN = Pattern(r"[^\W\d][\w.]*")
_CALL = Pattern(r"""personalization_token\(\s*["'](?P<name>[^"']*)""")
_NAME = Pattern(r"[$@]?[^\W\d][\w.\-/]*(?: [\w.\-]+)*(?![\w(])")
_TESTED = Pattern(r"(?:not\s|\w+\s+in\s|[(!\s])*(?P<name>[^\W\d][\w.]*)")
_INNER = Pattern(r"(?P<mark>[#^/]?)\s*(?P<word>[\w.\-@]*)\s*(?P<rest>.*)", re.DOTALL)
_SINGLE = Pattern(
    r"\{(?:\w+=(?P<pair>[\w.\-]+)(?:\|(?P<fallback>[^{}|]*))?"
    r"|(?P<name>[^\W\d][\w.\-]*|[A-Z]\w*(?: [A-Z]\w*){1,3})"
    r"(?:![rsa])?(?::(?:%[^{}|]+|(?:.?[<>=^])?[-+ ]?#?0?\d*,?(?:\.\d+)?[a-zA-Z%]?))?)\}"
)
_INSTRUCTION = Pattern(
    r"(?:please\s+|briefly\b|(?:insert|add|mention|describe|explain|include|specify|personali[sz]e|customi[sz]e|tailor|"
    r"fill|replace|write|enter|provide|choose|summari[sz]e|compliment|tell|talk|say|paste)\b"
    r"|(?:reference|state|name|share|list|note|use|pick|select|give|link|offer|propose|attach|ask|put|cite|highlight|"
    r"detail|show|quote|refer)\s+(?:to\s+|in\s+)?(?:a|an|the|one|any|some|something|someone|your|their|his|her|why|"
    r"what|how|where|when|that|this|it|them)\b)",
    re.IGNORECASE,
)


def _value(body: str) -> Tag:
    """The name and the fallback in an expression, however its language writes them."""
    body = body[:_READ_LIMIT].strip()
    if _PLAIN.fullmatch(body):
        return Tag(Role.VALUE, body)
    for way in _VALUES:
        if (found := way.match(body)) is None:
            continue
        groups = found.groupdict()
        words = next((groups[key] for key in ("dq", "sq", "cq", "plain") if groups.get(key) is not None), "")
        if way is _VALUES[-1] and words.strip().lower() in _FILTERS:
            continue
        return Tag(Role.VALUE, _name(groups["name"]), words.strip(" \t\n\"'") if groups.get("plain") else words)
    call = _CALL.match(body)
    return Tag(Role.VALUE, call["name"] if call else _name(body.partition("|")[0]))


def _name(written: str) -> str:
    found = _NAME.match(written.replace("${", "").replace("}", "").strip())
    return found[0] if found else ""


def _tested(rest: str) -> str:
    found = _TESTED.match(rest[:_READ_LIMIT])
    return found["name"] if found else ""


def _block(word: str, rest: str) -> Tag | None:
    """The tag that a word makes in the languages that spell blocks as words; None for any other word."""
    if word in _ELSE:
        return Tag(Role.MIDDLE, _tested(rest.removeprefix("if ")))
    if word.startswith("end") and (word == "end" or word[3:] in _BLOCKS):
        return Tag(Role.CLOSE, word=word[3:])
    if word in _BLOCKS and not (word == "set" and "=" in rest):
        return Tag(Role.OPEN, _tested(rest), word=word)
    return None


def statement(raw: str) -> Tag:
    """Read {% if name %}, {% else %}, {% include name %}, {%=name %}."""
    body = raw[2:-2].strip("-+ \t\r\n")
    if body.startswith("="):
        return _value(body[1:])
    inner = _INNER.match(body)
    word, rest = (inner["word"].lower(), inner["rest"]) if inner else ("", "")
    return _block(word, rest) or Tag(Role.VALUE if word in _PRINTING else Role.COMMENT, _tested(rest))


def triple_brace(raw: str) -> Tag:
    """Read {{{name}}}."""
    return brace(raw, width=3)


def brace(raw: str, width: int = 2) -> Tag:
    """Read {{name}}, {{ name | default: 'there' }}, {{#if name}}, {{/if}}, {{! a note }}."""
    body = raw[width:-width].strip("~-& \t\r\n")
    if body.startswith("!"):
        return Tag(Role.VALUE, body[1:]) if re.fullmatch(r"my[\w.]*", body[1:]) else Tag(Role.COMMENT)
    if body.startswith(">"):
        return Tag(Role.VALUE, _name(body[1:]))
    inner = _INNER.match(body)
    mark, word, rest = inner.group("mark", "word", "rest") if inner else ("", "", "")
    if mark == "/":
        return Tag(Role.CLOSE, word=word)
    if mark == "^" and not word:
        return Tag(Role.MIDDLE)
    spelled = _block(word.lower(), rest) if word != "when" else None
    if spelled and (mark or spelled.role is not Role.OPEN or (word == "if" and rest)):
        return spelled
    return Tag(Role.OPEN, _tested(rest) or word, word=word) if mark else _value(body)


def salesforce(raw: str) -> Tag:
    """Read {!Contact.FirstName, there}."""
    body = raw[2:-1][:_READ_LIMIT].strip()
    name, comma, words = body.partition(",")
    if "(" not in body:
        return Tag(Role.VALUE, name.strip(), words.strip() if comma else None)
    return _value(body)


def single_brace(raw: str) -> Tag | None:
    """Read {name}, {First Name}, {name:>10}, {contactfield=name|there}."""
    found = _SINGLE.fullmatch(raw) if len(raw) <= _READ_LIMIT else None
    return Tag(Role.VALUE, found["pair"] or found["name"], found["fallback"]) if found else None


def plain(found: re.Match[str]) -> Tag:
    """Read a field that holds nothing but its name."""
    return Tag(Role.VALUE, found["name"].strip())


def percent(found: re.Match[str]) -> Tag:
    """Read %NAME%, %NAME%|there and %NAME%,fallback="there"."""
    return Tag(Role.VALUE, found["name"], found["fallback"] or found["quoted"])


def mailchimp(found: re.Match[str]) -> Tag:
    """Read *|NAME|*, *|UPPER:NAME|*, *|IF:NAME|*, *|END:IF|*."""
    head, _, rest = found["name"].strip().partition(":")
    if head == "END":
        return Tag(Role.CLOSE, word=_MAILCHIMP_BLOCKS.get(rest, rest))
    if head in ("ELSE", "ELSEIF"):
        return Tag(Role.MIDDLE, _tested(rest))
    if head in _MAILCHIMP_BLOCKS:
        return Tag(Role.OPEN, _tested(rest), word=_MAILCHIMP_BLOCKS[head])
    return Tag(Role.VALUE, rest if head in _MODIFIERS else head)


def bracket(found: re.Match[str]) -> Tag | None:
    """Read [Name] and [mention a project], and tell them from a note, a link, a check box and an editor's aside."""
    start, end = found.span()
    before, after = found.string[max(0, start - 3) : start], found.string[end : end + 1]
    words = found["name"].strip()
    if after.startswith("(") or not re.match(r"[^\w^!\"'{\[]*[^\W\d_]|\{\{", words) or words.lower() in _ASIDES:
        return None
    if len(words) == 1 and (words != "X" or not before.strip("-*+ \n") or after[:1].isalpha()):
        return None  # [x] a box, [B]oth an editor's letter; [X] years is a blank
    if before[-1:].isalnum() and not words[0].isupper():
        return None  # item[s], list[index]
    if _INSTRUCTION.match(words) or words.endswith("?") or (len(words.split()) > 8 and words[-1] not in ".!"):
        return Tag(Role.TODO)
    return None if words[-1] in ".!" and len(words.split()) > 3 else Tag(Role.VALUE, words)
