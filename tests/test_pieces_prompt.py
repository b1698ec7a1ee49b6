"""The prompt of a piece: its grammar admits names, figures and merge fields only as they were given."""

import os
import subprocess
import sys

from pipeline.prompting import piece

WORDS = 'fact: gave a talk in Gdynia (2019) on {{topic}} with "O\'Neill" and Mara'


def test_the_grammar_names_what_may_be_copied() -> None:
    """Words with capitals or digits, and fields, longest first; the task and the words stand in the prompt."""
    prompt = piece("hook", WORDS)
    given = prompt.grammar.split("given ::= ")[1].strip().split(" | ")
    assert given == ['"{{topic}}"', '"O\'Neill"', '"Gdynia"', '"2019"', '"Mara"', '"I"']
    assert prompt.user == f"hook\n{WORDS}"


def test_the_same_words_make_the_same_prompt_in_every_process() -> None:
    """A recording answers only what was asked word for word: no order may hang on how a process hashes."""
    code = f"from pipeline.prompting import piece; print(piece('hook', {WORDS!r}).grammar)"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12345"
    }
    assert len(seen) == 1
