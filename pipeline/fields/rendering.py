"""A text and a value for each field come in; the text as it would be sent goes out, at its longest."""

import re
from collections.abc import Callable

from pipeline.fields.blocks import atoms, pair
from pipeline.fields.masking import HIDDEN, cover
from pipeline.fields.nouns import Field, Role
from pipeline.fields.scanner import Walk
from pipeline.fields.syntaxes import RANDOM

_UNSHOWN = ("capture", "macro", "set")  # blocks that show nothing where they stand


def render(text: str, value: Callable[[Field], str]) -> str:
    """The text as it would be sent, at its longest in UTF-16 units; raises only what `value` raises.

    `value` gives the words for each VALUE and TODO. Of a block or spintax the longest branch is taken, a loop runs
    once, and tags and comments say nothing.
    """
    return _render(text, value, in_spin=False).words()


class Branch:
    """A wording under construction: a tree of strings, so that nested blocks are never copied, and its length."""

    def __init__(self) -> None:
        self.parts: list[str | Branch] = []
        self.units = 0  # UTF-16 code units, as the platforms count

    def add(self, part: "str | Branch") -> None:
        """Go on with these words, or with the branch that was taken."""
        self.parts.append(part)
        self.units += part.units if isinstance(part, Branch) else len(part.encode("utf-16-le", "surrogatepass")) // 2

    def words(self) -> str:
        """The wording in full."""
        leaves: list[str] = []
        todo = [iter(self.parts)]
        while todo:
            for part in todo[-1]:
                if isinstance(part, Branch):
                    todo.append(iter(part.parts))
                    break
                leaves.append(part)
            else:
                todo.pop()
        return "".join(leaves)


def _render(text: str, value: Callable[[Field], str], in_spin: bool) -> Branch:
    fields, partner = _read(text, in_spin)
    stack = [[Branch()]]  # for each open block the branches so far
    opened: list[int] = []
    at = 0
    for i, tag in enumerate(fields):
        stack[-1][-1].add(text[at : tag.start])
        at = tag.end
        if i in partner:
            opened.append(i)
            stack.append([Branch()])
        elif tag.role is Role.MIDDLE and opened and fields[opened[-1]].syntax == tag.syntax:
            stack[-1].append(Branch())
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
    """The wordings of an alternation; _render calls itself for each, as deep as the scanner lets alternations nest."""
    random = RANDOM.match(raw)
    inner = raw[random.end() : -2] if random else raw[1:-1]
    fields, partner = _read(inner, in_spin=True)
    bars = [
        bar.start() for bar in re.finditer(r"\|", cover(inner, ((*atom, HIDDEN) for atom in atoms(fields, partner))))
    ]
    branches = [inner[a + 1 : b] for a, b in zip([-1, *bars], [*bars, len(inner)], strict=True)]
    return [branch.strip() for branch in branches] if random else branches


def _read(text: str, in_spin: bool) -> tuple[list[Field], dict[int, int]]:
    fields = Walk(text, in_spin).run().fields
    return fields, pair(fields)[0]
