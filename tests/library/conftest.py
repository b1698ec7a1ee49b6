"""What the tests of libraries share: a file that is read from its bytes, and the laws that every format keeps."""

from collections.abc import Callable

import pytest

from pipeline.library import Change, Columns, Volume, open_volume

Read = Callable[..., Volume]
Lawful = Callable[[str, bytes, dict[str, Change]], None]


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """A Volume of a file with this name and these bytes."""
    folder = tmp_path_factory.mktemp("library")

    def of(name: str, data: bytes, columns: Columns = Columns()) -> Volume:  # noqa: B008  frozen
        (folder / name).write_bytes(data)
        return open_volume(folder / name, columns)

    return of


@pytest.fixture(scope="session")
def lawful(read: Read) -> Lawful:
    """Whether a file keeps the laws: read and written it is itself; a change is read again; nothing else changes."""

    def check(name: str, data: bytes, changes: dict[str, Change]) -> None:
        one = read(name, data)
        assert one.rewritten({}) == data
        assert one.rewritten({t.id: Change(t.text, t.subject) for t in one.templates}) == data
        kept = {name: change for name, change in changes.items() if not one.refusal(name, change)}
        new = one.rewritten(kept)
        again = read(name, new)
        assert [str(fault).partition(": ")[2] for fault in again.faults] == [
            str(fault).partition(": ")[2] for fault in one.faults
        ]
        assert len(again.templates) == len(one.templates)
        for old, now in zip(one.templates, again.templates, strict=True):
            change = kept.get(old.id, Change())
            assert now.id == old.id
            assert now.text == (old.text if change.text is None else _tidy(change.text))
            assert now.subject == (old.subject if change.subject is None else change.subject.strip())
            assert now.table == old.table
        back = {t.id: Change(t.text, t.subject) for t in one.templates if t.id in kept}
        if not any(again.refusal(name, change) for name, change in back.items()):
            returned = read(name, again.rewritten(back))
            assert [t.text for t in returned.templates] == [t.text for t in one.templates]
        for key, change in kept.items():
            if not name.endswith(".xlsx"):
                _outside(data, one.rewritten({key: change}), one, key)

    return check


def _outside(data: bytes, new: bytes, one: Volume, key: str) -> None:
    """Only what lies between the first and last place of this template may differ."""
    entry = one.entries[one.index[key]]
    places = [slot for slot in (entry.text, entry.subject) if slot]
    first, last = min(slot.start for slot in places), max(slot.end for slot in places)
    inner = one.page.data
    assert new.startswith(one.page.seal(inner[:first]))
    tail = one.page.seal(inner[last:])
    assert new.endswith(tail[len(one.page.seal(b"")) :])


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
