"""Who did what: draft and rewrite come in, what is said of the wrong one goes out."""

from collections.abc import Iterator

from pipeline.acts import Labelled, Reading, content, lexicon
from pipeline.checks.fidelity.sources import content_of, forms_of, new_lines, parsed, sentence_hit
from pipeline.domain import Act, Hit
from pipeline.phrases import Phrases
from pipeline.text import stem


def roles_turned(reading: Reading, origin: Reading, _: Phrases) -> Iterator[Hit]:
    """Sentences that say of the reader what the sender did, or the other way about."""
    brief, draft = reading.draft.brief, reading.draft
    me, you = lexicon()["me"], lexicon()["you"]
    own_lines = [line for line in origin.labelled if you.isdisjoint(forms_of(origin, line))]
    said_of_me = frozenset().union(*(content_of(origin, line) for line in own_lines)) | content(
        parsed(brief.sender.words)
    )
    lines_of_you = [line for line in origin.labelled if not you.isdisjoint(forms_of(origin, line))]
    said_to_you = frozenset().union(*(content_of(origin, line) for line in lines_of_you))
    theirs = content(parsed("\n".join((*brief.to.facts, brief.to.role, brief.to.profile, brief.goal))))
    only_me = (
        said_of_me
        - theirs
        - said_to_you
        - content(parsed("\n".join((*brief.shared, brief.benefit, draft.brief.history.received))))
    )
    only_you = theirs - said_of_me - content(parsed("\n".join((*brief.shared, brief.goal, brief.benefit))))
    for line in new_lines(reading):
        said = content_of(reading, line)
        asks = reading.says(line).endswith("?")
        if (_does(reading, line, me, only_you) and len(said & only_you) >= 2 and not asks) or (
            _does(reading, line, you, only_me) and len(said & only_me) >= 2 and not asks and Act.VALUE not in line.acts
        ):
            yield sentence_hit(reading, line)


def _does(reading: Reading, line: Labelled, who: frozenset[str], words: frozenset[str]) -> bool:
    """Whether "I" or "my" ("you", "your") is followed at once by one of these words, or by a doing and then by one."""
    forms = [form for form in forms_of(reading, line) if form not in lexicon()["very"]]
    doing = lexicon()["did"] | lexicon()["do"]
    for i, form in enumerate(forms[:-1]):
        behind = [stem(word) for word in forms[i + 1 : i + 5]]
        if (
            form in who
            and form not in {"us", "me"}
            and (behind[0] in words or (forms[i + 1] in doing and not words.isdisjoint(behind[1:])))
        ):
            return True
    return False
