"""A draft comes in; whether a circumstance holds goes out: the words that a rule's `when` list may use."""

from collections.abc import Callable, Mapping

from pipeline.domain import Draft
from pipeline.fields import scan


def _first_contact(draft: Draft) -> bool:
    past = draft.brief.history
    return draft.kind.first_touch and not past.sent and not past.met and not past.received


def _senior_to_junior(draft: Draft) -> bool:
    brief = draft.brief
    return brief.sender.seniority == "senior" and brief.to.seniority in {"student", "junior"}


def _says_applied(draft: Draft) -> bool:
    text = draft.text.lower()
    return draft.brief.history.applied is True or "applied" in text or "my application" in text or "bewerb" in text


def _template(draft: Draft) -> bool:
    return not draft.filled and any(not field.by_hand for field in scan(draft.text).fields)


def _knows_reader(draft: Draft) -> bool:
    brief = draft.brief
    return bool(brief.to.facts or brief.to.profile or brief.shared or brief.history.met)


CONDITIONS: Mapping[str, Callable[[Draft], bool]] = {
    "first-contact": _first_contact,
    "rewritten": lambda draft: draft.origin is not None,
    "filled": lambda draft: draft.filled or not _template(draft),
    "reader-known": _knows_reader,
    "reader-unknown": lambda draft: not _knows_reader(draft),
    "no-offer": lambda draft: not draft.brief.sender.offer,
    "offer-known": lambda draft: bool(draft.brief.sender.offer),
    "no-benefit": lambda draft: not draft.brief.benefit,
    "met": lambda draft: bool(draft.brief.history.met),
    "shared": lambda draft: bool(draft.brief.shared),
    "applied": _says_applied,
    "not-applied": lambda draft: not _says_applied(draft),
    "asked-to-stop": lambda draft: draft.brief.history.asked_to_stop,
    "do-not-contact": lambda draft: draft.brief.do_not_contact,
    "senior-to-junior": _senior_to_junior,
    "following-up": lambda draft: draft.kind.name == "follow-up" or draft.brief.history.sent > 0,
    "roomy": lambda draft: draft.kind.roomy,
}
