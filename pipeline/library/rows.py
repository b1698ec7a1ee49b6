"""The places of a file's rows come in; a Volume of those that can be used goes out, with a fault for each other."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar, overload

from pipeline.errors import LibraryError
from pipeline.library.body import unfit
from pipeline.library.template import Entry, Fault, Page, Volume

Place = TypeVar("Place")
Whole = TypeVar("Whole", bound=tuple[int, ...])


class Places(Protocol[Place]):
    """What holds the places of rows, in their order."""

    def append(self, place: Place, /) -> None:
        """Add a place behind the others."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Place: ...


class Packed(Generic[Whole]):
    """Places of whole numbers, `width` each, in one array: a list of tuples would take seven times as much."""

    def __init__(self, make: Callable[..., Whole], width: int) -> None:
        """`make` makes a place of its numbers."""
        self._make, self._width = make, width
        self._numbers = array("Q")

    def append(self, place: Whole, /) -> None:
        """Add a place behind the others."""
        self._numbers.extend(place)

    def __len__(self) -> int:
        return len(self._numbers) // self._width

    def __getitem__(self, index: int, /) -> Whole:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._make(*self._numbers[index * self._width : (index + 1) * self._width])


class Rows(Sequence[Entry], Generic[Place]):
    """Entries that are read again from their places when they are asked for: a large file is held but once."""

    def __init__(self, places: Places[Place], make: Callable[[Place], Entry]) -> None:
        self._places = places
        self._make = make

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        return self._make(self._places[index])


def collected(
    path: Path,
    page: Page,
    places: Iterable[Place],
    make: Callable[[Place], Entry],
    spot: Callable[[Place], str],
    good: Places[Place],
) -> Volume:
    """The rows whose text can be used and whose id is not taken; `make` raises LibraryError for one it cannot read.

    `good` is empty and takes the places of these rows.
    """
    index: dict[str, int] = {}
    faults: list[Fault] = []
    for place in places:
        try:
            template = make(place).template
        except LibraryError as error:
            faults.append(Fault(spot(place), str(error)))
            continue
        if wrong := unfit(template.text) or unfit(template.subject) or _taken(template.id, index):
            faults.append(Fault(spot(place), wrong))
            continue
        index[template.id] = len(good)
        good.append(place)
    return Volume(path, page, Rows(good, make), index, tuple(faults))


def _taken(name: str, index: dict[str, int]) -> str:
    return f"the id {name[:80]!r} is taken by a row above: give each row its own" if name in index else ""
