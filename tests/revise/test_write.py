"""The writer asks as little as it must, and keeps only what may stand."""

from pipeline.domain import Prompt, Reply
from pipeline.errors import EmptyReply
from pipeline.revise.write import SAMPLES, Piece, Writer

HOOK = Piece("hook", "fact: keeps bees on a hospital roof")
SOUND = "You keep bees on a hospital roof, and that made me curious."


def scripted(*answers: str):
    """A model that answers by temperature: the first answer when it is sure, the others in turn."""
    asked: list[Prompt] = []

    def ask(prompt: Prompt) -> Reply:
        asked.append(prompt)
        answer = answers[min(prompt.seed, len(answers) - 1)]
        if not answer:
            raise EmptyReply("nothing")
        return Reply(answer, "fake", 10, 5, 0.1)

    return ask, asked


def test_a_sound_first_sentence_is_enough() -> None:
    """One question a piece, greedy; a second wish for the same piece asks nothing."""
    ask, asked = scripted(SOUND)
    writer = Writer(ask, 0)
    writer.write([HOOK, HOOK])
    writer.write([HOOK])
    assert writer.sentences([HOOK]) == (SOUND,)
    assert [prompt.temperature for prompt in asked] == [0.0]
    assert "hook\nfact: keeps bees" in asked[0].user


def test_a_refused_one_is_tried_again() -> None:
    """Only a piece without a sound sentence is sampled, each sample with its own seed."""
    ask, asked = scripted("You keep cows on a hospital roof.", SOUND)
    writer = Writer(ask, 0)
    writer.write([HOOK])
    assert writer.sentences([HOOK]) == (SOUND,)
    assert len({prompt.seed for prompt in asked}) == 1 + SAMPLES
    assert all(prompt.temperature > 0 for prompt in asked[1:])


def test_silence_is_no_sentence_and_no_error() -> None:
    """An answer that is empty or was cut off leaves the piece out; the account still counts the others."""
    ask, _ = scripted("", SOUND)
    writer = Writer(ask, 0)
    writer.write([HOOK])
    assert writer.sentences([HOOK]) == (SOUND,)
    assert sum(reply.tokens_out for reply in writer.replies) == 5 * SAMPLES
