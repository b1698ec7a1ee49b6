"""Rows of a run come in as they are made; one file of them stands at the end, JSON lines or Parquet, or none at all."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from pipeline.batch.lines import row_json
from pipeline.batch.nouns import Row
from pipeline.errors import SettingsError
from pipeline.library import Fault

GROUP = 1024
"""Rows that Parquet writes together."""
Keep: TypeAlias = Callable[[Row | Fault], None]


@contextmanager
def kept(place: Path | None, root: Path) -> Iterator[Keep]:
    """What keeps the rows of a run over the library `root`; `place` None keeps none.

    They are written beside the place while the run lasts, and put over it when the run has come to its end, stopped or
    not. SettingsError: a place that cannot be, or that the next run would read as templates.
    """
    if place is None:
        yield lambda _: None
        return
    if place.suffix not in WRITERS:
        raise SettingsError(f"--results {place}: name a file that ends in {' or '.join(WRITERS)}")
    if place.resolve() == root.resolve() or place.resolve().is_relative_to(root.resolve()):
        raise SettingsError(f"--results {place} lies in the library itself: name another place")
    part = place.with_name(f".{place.name}.part")
    try:
        with WRITERS[place.suffix](part) as write:
            yield lambda row: write(row_json(row))
        part.replace(place)
    except OSError as error:
        remedy = "name a place in a folder that is there and that you may write"
        raise SettingsError(f"--results {place}: cannot be written: {error.strerror}: {remedy}") from error
    finally:
        part.unlink(missing_ok=True)


Write: TypeAlias = Callable[[dict[str, Any]], None]


@contextmanager
def _lines(part: Path) -> Iterator[Write]:
    with part.open("w", encoding="utf-8") as file:
        yield lambda row: print(json.dumps(row, ensure_ascii=False), file=file, flush=True)


@contextmanager
def _parquet(part: Path) -> Iterator[Write]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise SettingsError(
            "--results: Parquet needs pyarrow: python -m pip install 'tactful[ray]', or name a .jsonl file"
        ) from error
    text, whole, number = arrow.string(), arrow.int64(), arrow.float64()
    message = arrow.struct({"text": text, "subject": text})
    words = arrow.list_(text)
    schema = arrow.schema(
        dict.fromkeys(("spot", "fault", "path", "id"), text)
        | {"line": whole}
        | dict.fromkeys(("outcome", "key", "kind", "purpose"), text)
        | {"before": message, "after": message, "score": arrow.struct({"before": whole, "after": whole})}
        | {"findings": arrow.struct({"before": words, "after": words}), "model": text, "calls": whole}
        | {"decision": arrow.struct({"accepted": arrow.bool_(), "text": text, "subject": text, "at": text})}
        | {"tokens": arrow.struct({"in": whole, "out": whole}), "seconds": number, "error": text, "at": text}
        | {"known": arrow.bool_()}
    )
    with parquet.ParquetWriter(part, schema) as file:
        held: list[dict[str, Any]] = []

        def write(row: dict[str, Any]) -> None:
            held.append(row)
            if len(held) == GROUP:
                flush()

        def flush() -> None:
            file.write_table(arrow.Table.from_pylist(held, schema))
            held.clear()

        yield write
        flush()


WRITERS = {".jsonl": _lines, ".parquet": _parquet}
"""What writes a file of each ending."""
