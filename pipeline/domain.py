"""Every noun of the house, frozen, in the order in which a draft meets them. Read this page first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from pipeline.acts import Reading

ANSWERS = ("to.facts", "from.role", "from.offer", "goal", "shared", "benefit", "history.applied", "history.met")
"""The keys of a brief that an answer of the sender's may fill."""
PURPOSES = ("networking", "advice", "job-search", "recruiting", "partnership", "sales")


# ── What the user brings ──────────────────────────────────────────────────────────────────────────────────────────────


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sender or reader, as far as the user knows them; `facts` are short phrases ("wrote a post on ...")."""

    name: str = ""
    role: str = ""
    company: str = ""
    seniority: Literal["", "student", "junior", "peer", "senior"] = ""
    facts: tuple[str, ...] = ()
    profile: str = ""
    offer: str = ""

    @property
    def words(self) -> str:
        """Everything said of this person, as one text."""
        return "\n".join((self.name, self.role, self.company, *self.facts, self.profile, self.offer))


class History(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened between the two before: unanswered messages, days since the last, where they met."""

    sent: int = 0
    days_since: int | None = None
    met: str = ""
    applied: bool | None = None
    asked_to_stop: bool = False
    earlier: str = ""
    received: str = ""


class Brief(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True, rename={"sender": "from"}
):
    """All that may be said besides the draft itself: the only source of facts for a rewrite."""

    to: Person = Person()
    sender: Person = Person()
    purpose: str = "networking"
    goal: str = ""
    shared: tuple[str, ...] = ()
    benefit: str = ""
    history: History = History()
    do_not_contact: bool = False

    @cached_property
    def facts(self) -> str:
        """Every word of the brief that a rewrite may draw on, as one text."""
        past = self.history
        return "\n".join(
            (
                self.to.words,
                self.sender.words,
                self.goal,
                *self.shared,
                self.benefit,
                past.met,
                past.earlier,
                past.received,
            )
        )


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the platform takes: at most `most` UTF-16 code units; `source` and `verified_on` say who says so."""

    most: int
    source: str
    verified_on: str


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The length that readers answer best, in UTF-16 units or words; advice, never a platform limit."""

    unit: Literal["units", "words"]
    least: int
    most: int
    source: str


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of message: its limits by account tier, its best length, and what there is room for."""

    name: str
    label: str
    limits: Mapping[str, Limit]
    band: Band
    subject: Limit | None = None
    first_touch: bool = True
    roomy: bool = True

    def limit(self, tier: str) -> Limit:
        """The limit for an account tier ("free", "premium"); kinds without tiers have the single tier "any"."""
        return self.limits.get(tier) or next(iter(self.limits.values()))


@dataclass(frozen=True, slots=True)
class Ignore:
    """A rule of which the user does not want to hear in one message, and why.

    `start` and `end` are the code points of the body that it speaks of, None where it speaks of the whole message.
    `line` is the line of the file on which it stands, 0 where settings or flags say it.
    """

    rule: str
    reason: str = ""
    start: int | None = None
    end: int | None = None
    line: int = 0

    def covers(self, finding: Finding, *, first: bool) -> bool:
        """Whether it hides a finding; in a rewrite, whose lines are others, it speaks of the whole message."""
        if finding.rule.id != self.rule or finding.rule.severity is Severity.FATAL:
            return False
        if self.start is None or self.end is None or not first:
            return True
        return finding.hit.part == "body" and self.start <= finding.hit.start < self.end


@dataclass(frozen=True, slots=True)
class Draft:
    """One message on its way: the text now, and the text that the user brought (`origin`, None if this is it).

    `line` is the line of the file on which the text begins, and `ignores` what the user does not want to hear of it.
    """

    text: str
    kind: Kind
    brief: Brief = field(default_factory=Brief)
    subject: str = ""
    tier: str = ""
    filled: bool = False
    origin: Draft | None = None
    reply: Reply | None = None
    line: int = 1
    ignores: tuple[Ignore, ...] = ()

    @property
    def first(self) -> Draft:
        """The draft that the user brought."""
        return self.origin or self

    def with_brief(self, **changes: object) -> Draft:
        """The same draft with keys of its brief changed."""
        return replace(self, brief=msgspec.structs.replace(self.brief, **changes))

    def answered(self, key: str, answer: str) -> Draft:
        """The same draft with an answer of the sender's in its brief; `key` is a dotted key of ANSWERS."""
        outer, _, inner = key.rpartition(".")
        name = "sender" if outer == "from" else outer
        part = getattr(self.brief, name) if outer else self.brief
        old = getattr(part, inner)
        new: object = (*old, answer) if isinstance(old, tuple) else answer
        if inner == "applied":
            new = not answer.lower().startswith("n")
        part = msgspec.structs.replace(part, **{inner: new})
        return self.with_brief(**{name: part}) if outer else replace(self, brief=part)

    def says(self, key: str) -> bool:
        """Whether the brief holds an answer to a question of ours; `key` is a dotted key of ANSWERS."""
        outer, _, inner = key.rpartition(".")
        part = getattr(self.brief, "sender" if outer == "from" else outer) if outer else self.brief
        return getattr(part, inner) not in ("", (), None)

    def fix_class(self, rule: Rule) -> FixClass:
        """Who can mend a finding of this draft: what only the sender knows may stand in the brief already."""
        told = rule.fix_class is FixClass.ASK and not rule.halts and bool(rule.answer) and self.says(rule.answer)
        return FixClass.LLM if told else rule.fix_class

    @property
    def source(self) -> str:
        """Everything that a rewrite may say: the user's own message and the brief."""
        return f"{self.first.subject}\n{self.first.text}\n{self.brief.facts}"

    @property
    def message(self) -> str:
        """Subject and body as one text, for comparison and for restoring merge fields."""
        return f"{self.subject}\n{self.text}"

    def rewritten(self, text: str, subject: str | None = None, reply: Reply | None = None) -> Draft:
        """The next draft, which remembers the user's own."""
        subject = self.subject if subject is None else subject
        return replace(self, text=text, subject=subject, origin=self.first, reply=reply)


# ── What the rules say ────────────────────────────────────────────────────────────────────────────────────────────────


class Severity(IntEnum):
    """How much a finding weighs; the value is its cost in points of the score (see Review.score)."""

    HINT = 2
    WARNING = 7
    ERROR = 15
    FATAL = 1000


class Act(StrEnum):
    """What a sentence does in a cold message."""

    GREETING = "greeting"
    HOOK = "hook"
    WHO = "who"
    WHY = "why"
    VALUE = "value"
    ASK = "ask"
    PRESSURE = "pressure"
    FILLER = "filler"
    THANKS = "thanks"
    CLOSE = "close"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a check found: offsets into the text, the words found, and the measured value and its bound."""

    start: int
    end: int
    found: str = ""
    value: float | str = ""
    limit: float | str = ""
    part: Literal["body", "subject"] = "body"


Look: TypeAlias = Callable[["Reading"], Iterator[Hit]]
Fix: TypeAlias = Callable[["Draft", Hit], "Draft"]


class FixClass(StrEnum):
    """Who can mend a finding: a program alone, a rewrite that is held against the rules again, or only the sender."""

    SAFE = "safe"
    LLM = "llm"
    ASK = "ask"


class Remedy(StrEnum):
    """What the pieces way does about a finding; a rule without one leaves it to the model or to the sender."""

    DROP = "drop"
    CUT = "cut"
    GREETING = "greeting"
    HOOK = "hook"
    WHO = "who"
    WHY = "why"
    VALUE = "value"
    QUESTION = "question"
    SHORTEN = "shorten"
    THANKS = "thanks"
    CLOSE = "close"
    SUBJECT = "subject"
    CALM = "calm"
    SIGN = "sign"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule of the book: linter, prompt and evaluator at once. `look` is None where only a reader can judge.

    `halts`: no rewriting mends what it finds, the draft is handed back as it is, with the `alternatives` if there are
    any. `any_language`: it looks at no English word. `fix` mends what it finds without changing what the message says.
    """

    id: str
    page: str
    source: tuple[str, ...]
    severity: Severity
    advice: str
    why: str
    message: str
    kinds: tuple[str, ...]
    purposes: tuple[str, ...]
    when: tuple[Callable[[Draft], bool], ...]
    look: Look | None
    remedy: Remedy | None
    question: str
    answer: str
    alternatives: tuple[str, ...]
    halts: bool
    any_language: bool
    fix: Fix | None
    bad: tuple[Example, ...]
    good: tuple[Example, ...]

    def applies(self, draft: Draft) -> bool:
        """Whether this rule speaks of this kind and purpose, under the circumstances that it names."""
        return self.speaks_of(draft.kind.name, draft.brief.purpose) and all(condition(draft) for condition in self.when)

    @property
    def fix_class(self) -> FixClass:
        """Who can mend what it finds, where nothing is known of the message."""
        if self.fix:
            return FixClass.SAFE
        return FixClass.ASK if self.question or self.halts else FixClass.LLM

    def speaks_of(self, kind: str, purpose: str) -> bool:
        """Whether this rule is meant for a kind and a purpose."""
        return kind in self.kinds and purpose in self.purposes


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that a rule finds (bad) or passes (good), with as much of a brief as the rule needs."""

    text: str
    kind: str = ""
    purpose: str = ""
    subject: str = ""
    tier: str = ""
    filled: bool = False
    origin: str = ""
    brief: Brief = Brief()


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement of a guide, in our words, and what carries it besides rules; `declined` holds a reason."""

    guide: str
    heading: str
    says: str
    kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    program: str = ""
    declined: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules, kinds and guide statements as one value that is passed down; nothing is registered anywhere.

    `prints` holds a digest of each rule by its id, of each kind by "kind NAME", and of the word lists by "lexicon".
    """

    rules: Mapping[str, Rule]
    kinds: Mapping[str, Kind]
    statements: Mapping[str, Statement]
    prints: Mapping[str, str]
    chosen: dict[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict, compare=False, repr=False)

    def for_draft(self, draft: Draft) -> Iterator[Rule]:
        """The rules that apply to a draft, in the order of the pages."""
        key = draft.kind.name, draft.brief.purpose
        if key not in self.chosen:
            self.chosen[key] = tuple(rule for rule in self.rules.values() if rule.speaks_of(*key))
        return (rule for rule in self.chosen[key] if not rule.when or all(condition(draft) for condition in rule.when))

    def without(self, ids: frozenset[str]) -> Rulebook:
        """The same book with some rules switched off."""
        return replace(self, rules={name: rule for name, rule in self.rules.items() if name not in ids}, chosen={})


# ── What the walk makes of it ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a draft breaks, where, and the sentence that tells the sender so."""

    rule: Rule
    hit: Hit
    message: str


@dataclass(frozen=True, slots=True)
class Review:
    """A draft and all that the rules find in it, worst first, then in the order of the text.

    `hidden` are the findings of which the user does not want to hear; they cost nothing.
    """

    draft: Draft
    findings: tuple[Finding, ...]
    hidden: tuple[Finding, ...] = ()

    @property
    def cost(self) -> int:
        """The sum of the severities' points: what the walk makes small. A fatal finding outweighs any sum of style."""
        return sum(finding.rule.severity for finding in self.findings)

    @property
    def score(self) -> int:
        """100 less the points of every finding (hint 2, warning 7, error 15, fatal all), never below 0."""
        return max(0, 100 - self.cost)

    @property
    def clean(self) -> bool:
        """Nothing worse than a hint was found: the walk stops here."""
        return all(finding.rule.severity <= Severity.HINT for finding in self.findings)

    @property
    def passes(self) -> bool:
        """No error and nothing fatal was found: the message may go out."""
        return all(finding.rule.severity < Severity.ERROR for finding in self.findings)

    @property
    def settled(self) -> bool:
        """Nothing is left for a model: the message is clean, or the guides say not to send it."""
        return self.clean or bool(self.verdict)

    @property
    def verdict(self) -> tuple[Finding, ...]:
        """Findings that no rewriting mends: the guides say not to send this, or it is not English."""
        return tuple(finding for finding in self.findings if finding.rule.halts)

    @property
    def questions(self) -> tuple[str, ...]:
        """What only the sender can tell, asked once each."""
        name = self.draft.brief.to.name or "the reader"
        asked = (f.rule.question.replace("{reader}", name) for f in self.findings if f.rule.question)
        return tuple(dict.fromkeys(asked))


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of a model: the two messages, an optional GBNF grammar, and how to sample."""

    system: str
    user: str
    grammar: str = ""
    most_tokens: int = 700
    temperature: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, which model, and what it took."""

    text: str
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0


Ask: TypeAlias = Callable[[Prompt], Reply]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The trail of reviews that the walk left, the user's own draft first."""

    trail: tuple[Review, ...]

    @property
    def original(self) -> Review:
        """The user's draft, reviewed."""
        return self.trail[0]

    @property
    def best(self) -> Review:
        """The cheapest review of the trail, the earliest on a tie: never worse than the original."""
        return min(self.trail, key=lambda review: review.cost)

    @property
    def fixed(self) -> tuple[Finding, ...]:
        """Findings of the original that the best no longer has."""
        left = {finding.rule.id for finding in self.best.findings}
        return tuple(finding for finding in self.original.findings if finding.rule.id not in left)

    @property
    def introduced(self) -> tuple[Finding, ...]:
        """Findings of the best that the original did not have."""
        had = {finding.rule.id for finding in self.original.findings}
        return tuple(finding for finding in self.best.findings if finding.rule.id not in had)

    @property
    def attempts(self) -> tuple[Review, ...]:
        """What the model made, in order; without what a program mended before."""
        return tuple(review for review in self.trail[1:] if review.draft.reply is not None)

    @property
    def changed(self) -> bool:
        """Whether the best differs from the user's draft."""
        return self.best.draft.message != self.original.draft.message
