"""The kin of words (lexicon/families.toml): what may stand for what in a rewrite, and what never may."""

from itertools import combinations, permutations

import pytest
import tomli

from pipeline.checks.fidelity.vocabulary import spoken
from pipeline.checks.fidelity.words import variants
from pipeline.lexicon import LEXICON
from pipeline.text import stem

KIN = tomli.loads((LEXICON / "families.toml").read_text("utf-8"))
APART = """
violin cello | violin drum | flute trumpet | dog cat | horse cow | goat sheep | breakfast dinner | lunch supper
apple pear | cabbage carrot | iron steel | brass bronze | boy girl | spring autumn | summer winter | van tram
lorry bus | wheat barley | oak birch | brother sister | mother father | uncle aunt | salmon eel | hotel hostel
solicitor barrister | physician surgeon | meadow pasture | kitchen bedroom | tutor instructor | salary wage
photo sketch | lend borrow | sell buy | import bring | import export | free charge | free cost | free unpaid
maximum minimum | most least | silence speech | teacher pupil | teacher student | warm cold | hot cold | almost hardly
able unable | tenant landlord | hire rent | doctor patient | host guest | buyer seller | deliver collect
accept refuse | increase reduce | win lose | begin end | open shut | early late | old new | child adult
cut loss | wine grapes | goat herd | wedding wife | ferry crossing | kiln potter | baker loaf | doctor hospital
boss employer | home remote | stone quarry | want need | duke duchess | wife midwife | thread thrifty | moist mois
king kingdom | sea marine | world worldwide | clinic hospital | lawyer legal | train coach | cure curator
"""
"""Siblings, opposites, opposed roles, things merely associated and false roots: neither may stand for the other."""
PARTICULAR = """
violin instrument | cello instrument | dog animal | cow cattle | breakfast meal | dinner meal | lorry vehicle
van vehicle | barley cereal | wheat grain | boy child | girl children | apple fruit | leek vegetable | iron metal
laptop computer | surgeon doctor | barrister lawyer | cottage house | street road | summer season | oak tree
trout fish | oyster shellfish | sister sibling | spade tool | pupil student | apprentice trainee | contract document
kayak boat | website site | photo picture | tutor teacher | salary pay | soil ground | cash money | parrot bird
"""
"""The second may stand for the first, and never the first for the second."""


def pairs(table: str) -> list[tuple[str, str]]:
    """The pairs of a list above."""
    return [(one, other) for one, other in (pair.split() for pair in table.replace("\n", "|").split("|") if pair)]


def may_stand(word: str, said: str) -> bool:
    """Whether a word may stand in a rewrite whose source says another."""
    return stem(word) in spoken(f"We know of the {said} here.")


def joined(one: str, other: str) -> bool:
    """Whether two words are of one family without any row."""
    return not {stem(one), *variants(one)}.isdisjoint({stem(other), *variants(other)})


@pytest.mark.parametrize(("one", "other"), pairs(APART))
def test_neither_stands_for_the_other(one: str, other: str) -> None:
    """A sibling, an opposite or an opposed role would be another claim."""
    assert not may_stand(one, other)
    assert not may_stand(other, one)


@pytest.mark.parametrize(("particular", "general"), pairs(PARTICULAR))
def test_the_general_word_stands_for_the_particular_one_alone(particular: str, general: str) -> None:
    """A cello may be called an instrument; an instrument is not known to be a cello."""
    assert may_stand(general, particular)
    assert not may_stand(particular, general)


@pytest.mark.parametrize(("one", "other"), pairs("buy purchase|mend repair|lorry truck|phone telephone|cv résumé"))
def test_synonyms_stand_for_each_other(one: str, other: str) -> None:
    """Either way, no fact changes."""
    assert may_stand(one.replace("é", "e"), other)
    assert may_stand(other.replace("é", "e"), one)


def test_no_row_is_a_part_of_another() -> None:
    """A row within another does nothing."""
    rows = [frozenset(map(stem, row.split())) for name in ("family", "alike") for row in KIN[name].splitlines() if row]
    assert [(one, other) for one, other in permutations(rows, 2) if one <= other] == []


def test_no_general_word_is_a_synonym_of_its_particular_ones() -> None:
    """What stands for each other in a row needs no direction."""
    rows = [frozenset(map(stem, row.split())) for row in KIN["alike"].splitlines()]
    found = [
        (general, particular)
        for general, particular in KIN["broader"].items()
        for one in map(stem, general.split())
        if any(one in row and not row.isdisjoint(map(stem, particular.split())) for row in rows)
    ]
    assert found == []


def test_every_family_joins_words_that_are_apart_without_it() -> None:
    """A row whose words the stemmer and the endings join already is idle."""
    rows = [row.split() for row in KIN["family"].splitlines() if row]
    assert [row for row in rows if all(joined(*two) for two in combinations(row, 2))] == []
