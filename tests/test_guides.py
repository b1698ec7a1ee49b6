"""The two guides' own examples, in our words: their good messages pass our rules, and their bad ones are found.

A good one, sent as the guide means it, has no finding worse than a hint. A bad one is found by the rule that the
guide's heading calls for. Brackets stand where the guides leave something open.
"""

from typing import Any

import msgspec
import pytest

from pipeline import rulebook
from pipeline.domain import Brief, Draft, Review, Severity
from pipeline.review import review

BOOK = rulebook.load()


def reviewed(text: str, kind: str, brief: dict[str, Any] | None = None, subject: str = "", tier: str = "") -> Review:
    """A message under the whole rulebook."""
    return review(Draft(text, BOOK.kinds[kind], msgspec.convert(brief or {}, Brief), subject, tier), BOOK)


def waited(days: int, sent: int = 1, **more: Any) -> dict[str, Any]:
    """The history of somebody who has not answered."""
    return {"sent": sent, "days_since": days, **more}


ANA = {"name": "Ana Duarte", "facts": ["wrote a post on queue design", "has worked in rail for nine years"]}
BEN = {"name": "Ben Osei", "role": "signal engineer"}

GOOD = {
    "their background, as a template": (
        "Hi [Name], I'm a [role] and saw that you have worked in [industry] for several years. "
        "How has that time been for you?",
        "message",
        {"purpose": "advice"},
    ),
    "their background, filled in": (
        "Hi Ana, I noticed that you've been working in rail for nine years; I'm a signal engineer in my second. "
        "What has it been like for you to work in that field?",
        "message",
        {"to": ANA, "from": BEN, "purpose": "advice"},
    ),
    "not generic, as a template": (
        "Hi [Name], I noticed that you work on [specific project], which fits my background in [related field]. "
        "If you're open to it, I'd love to connect and discuss [relevant topic].",
        "message",
        {},
    ),
    "not generic, as a note for a premium account": (
        "Hi [Name], I noticed you're working on [project], which aligns with my background in [field]. "
        "If you're open to it, I'd love to connect and discuss [topic].",
        "connection-note",
        {},
        "",
        "premium",
    ),
    "not generic, filled in": (
        "Hi Ana, I noticed you're working on night trains to Porto, which ties in with my background in timetables. "
        "If you're open to it, I'd love to connect and talk about late connections.",
        "message",
        {"to": {"name": "Ana Duarte", "facts": ["works on night trains to Porto"]}, "from": {"name": "Ben Osei"}},
    ),
    "a follow-up, as a template": (
        "Hi [Name], I just wanted to circle back on my message from last week. "
        "I'd still love to connect and hear your thoughts on [relevant topic].",
        "follow-up",
        {"history": waited(8)},
    ),
    "a follow-up, filled in, after two weeks": (
        "Hi Ana, I wanted to circle back on my message from two weeks ago. "
        "I'd still love to connect and hear your thoughts on queues at small stations.",
        "follow-up",
        {"to": ANA, "from": BEN, "history": waited(14, earlier="Hi Ana, I liked your post and would love to connect.")},
    ),
    "a note with a reason, as a template": (
        "Hi [Name], I enjoyed your recent post on [topic] and would love to connect to learn more about your work in "
        "[industry].",
        "connection-note",
        {},
        "",
        "premium",
    ),
    "a note with a reason, filled in": (
        "Hi Ana, I enjoyed your recent post on queue design and would love to connect to learn more about your work "
        "in rail.",
        "connection-note",
        {"to": ANA, "from": BEN},
    ),
    "all keys at once: personal, shared, useful, open about who and why, one question": (
        "Hi Ana, your post on queue design describes our ticket hall in Kumasi.\n\n"
        "I'm a signal engineer there, and we both deal with one door and two lines. "
        "If it helps, I can send our counts of one market day.\n\n"
        "What would you change first? Thank you for your time.\n\nBest regards,\nBen Osei",
        "message",
        {
            "to": ANA,
            "from": BEN | {"offer": "our counts of one market day"},
            "shared": ["both deal with one door and two lines"],
        },
    ),
    "where they met before": (
        "Hi Ana, it was good to talk at the rail fair in Lagos. "
        "You spoke of queue design, and I am still counting doors as a signal engineer. "
        "What would you count first?",
        "message",
        {"to": ANA, "from": BEN, "history": {"met": "the rail fair in Lagos"}},
    ),
    "an introduction by a mutual contact, instead of a cold message": (
        "Hi Kojo, we both built the signals at Tema. Would you be willing to introduce me to Ana Duarte? "
        "I'd like to ask her how she counts passengers. I can send you two lines to forward. "
        "No worries if it doesn't suit you. Thank you, Ben",
        "intro-request",
        {
            "to": {"name": "Kojo"},
            "from": BEN,
            "goal": "be introduced to Ana Duarte",
            "shared": ["both built the signals at Tema"],
        },
    ),
    "somebody taken off the list": (
        "Hi Ana, thank you for telling me. I have taken you off our list and will not write again. All the best, Ben",
        "reply",
        {"to": ANA, "from": BEN, "history": {"asked_to_stop": True, "received": "Please take me off your list."}},
    ),
    "a polite no": (
        "Hi Ben, thank you for your message. It isn't a match for my work at the moment, so I'll say no. "
        "I wish you good luck with the ticket hall.",
        "reply",
        {
            "to": {"name": "Ben"},
            "from": {"name": "Ana Duarte"},
            "history": {"received": "Would you like to join our panel on ticket halls?"},
        },
    ),
}

BAD = {
    "don't be generic": (
        "form-letter-opener",
        "Hi, I came across your profile and I'd like to connect.",
        "connection-note",
        {},
    ),
    "don't skip personalization: nothing at all": ("blank-note", "", "connection-note", {}),
    "don't skip personalization: only the wish": (
        "blank-note",
        "Hi [Name], I would like to connect with you.",
        "connection-note",
        {},
    ),
    "don't overwhelm them: long paragraphs about yourself": (
        "over-length",
        "Hi [Name], "
        + "I worked in the harbour for two years and then I moved to the railway, where I learnt to read plans. " * 8,
        "message",
        {},
    ),
    "don't overwhelm them: only about yourself": (
        "mostly-about-sender",
        "Hi [Name], I am a signal engineer. I studied in Kumasi. I then worked in Tema. I like trains. "
        "My team is small. I have two awards.",
        "message",
        {},
    ),
    "don't be pushy: every day": (
        "follow-up-too-soon",
        "Hi [Name], I wrote yesterday about [topic] and found one more article. What do you think of it?",
        "follow-up",
        {"history": waited(1)},
    ),
    "don't be pushy: again and again": (
        "follow-up-too-often",
        "Hi [Name], I found another article on [topic]. What do you think of it?",
        "follow-up",
        {"history": waited(9, sent=3)},
    ),
    "don't be pushy: guilt": (
        "guilt",
        "Hi [Name], I was disappointed not to get a reply, because I took the time to write to you about [topic].",
        "follow-up",
        {"history": waited(9)},
    ),
    "don't be pushy: nothing new": (
        "follow-up-adds-nothing",
        "Hi [Name], just checking in on my last message. Thanks!",
        "follow-up",
        {"history": waited(9)},
    ),
    "don't just take: a call": (
        "premature-call",
        "Hi [Name], I liked your post on [topic]. Could we schedule a call this week?",
        "message",
        {},
    ),
    "don't just take: a meeting": (
        "premature-call",
        "Hi [Name], I'd love to meet for a coffee and hear about [topic].",
        "connection-note",
        {},
    ),
    "don't just take: a reference": (
        "premature-referral",
        "Hi [Name], I liked your talk on [topic]. Would you write me a reference?",
        "message",
        {},
    ),
    "don't just take: an introduction": (
        "premature-introduction",
        "Hi [Name], could you introduce me to someone in your network who works on [topic]?",
        "message",
        {},
    ),
    "inappropriate: a job without an application": (
        "job-without-applying",
        "Dear [Name], are there any internships at [Company]? I would love to join your team.",
        "inmail",
        {"purpose": "job-search"},
    ),
    "inappropriate: a senior who collects juniors": (
        "senior-to-junior",
        "Hi [Name], I run a firm in [industry] and would love to connect with more students.",
        "connection-note",
        {"from": {"seniority": "senior"}, "to": {"seniority": "student"}},
    ),
    "inappropriate: somebody who does not wish it": (
        "do-not-contact",
        "Hi [Name], I liked your post on [topic]. What came of it?",
        "message",
        {"do_not_contact": True},
    ),
    "inappropriate: somebody who asked us to stop": (
        "asked-to-stop",
        "Hi [Name], one more thing about [topic]. What do you think of it?",
        "message",
        {"history": {"asked_to_stop": True}},
    ),
    "a clear objective": (
        "no-ask",
        "Hi [Name], I'm a signal engineer in Kumasi. Your post on [topic] was a good read. Have a good week!",
        "message",
        {},
    ),
    "mailing lists": (
        "removal-unconfirmed",
        "Hi [Name], thank you for your answer. I wish you a good year.",
        "reply",
        {"history": {"asked_to_stop": True}},
    ),
}


@pytest.mark.parametrize("example", GOOD.values(), ids=GOOD)
def test_what_the_guides_commend_passes(example: tuple[Any, ...]) -> None:
    """A message of the sort that a guide holds up as good has no finding worse than a hint."""
    worse = [
        f"{one.rule.id}: {one.message}" for one in reviewed(*example).findings if one.rule.severity > Severity.HINT
    ]
    assert not worse


@pytest.mark.parametrize("example", BAD.values(), ids=BAD)
def test_what_the_guides_warn_of_is_found(example: tuple[Any, ...]) -> None:
    """A message of the sort that a guide warns of is found, by the rule that says why."""
    rule, *message = example
    assert rule in {one.rule.id for one in reviewed(*message).findings}


@pytest.mark.parametrize("rule", ["asked-to-stop", "do-not-contact", "follow-up-too-often", "senior-to-junior"])
def test_what_should_not_be_sent_gets_a_verdict(rule: str) -> None:
    """Where a guide says not to write at all, the review says so and names what to do instead."""
    (example,) = [message for name, *message in BAD.values() if name == rule]
    verdict = {one.rule.id: one.rule.alternatives for one in reviewed(*example).verdict}
    assert verdict[rule]
    assert all(BOOK.statements[name].program == "verdict" for name in verdict[rule])


def test_selling_gets_the_laxer_rules() -> None:
    """The guide for networks says that it does not speak of selling: there, asking for a call is no error."""
    text = "Hi [Name], our fans keep frost off cider apples. Could we have a short call about your orchard this week?"
    networking, sales = (reviewed(text, "message", {"purpose": purpose}) for purpose in ("networking", "sales"))
    assert "premature-call" in {one.rule.id for one in networking.findings}
    assert {one.rule.id: one.rule.severity for one in sales.findings}["premature-call-sales"] < Severity.ERROR
