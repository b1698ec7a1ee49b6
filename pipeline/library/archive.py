"""A zip archive comes in; the same archive with one member's content replaced goes out, every other byte copied."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from pipeline.errors import LibraryError

END = struct.Struct("<4s4H2LH")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
MOST = 0xFFFFFFFF
LARGEST_MEMBER = 200_000_000
"""Bytes of the largest member that is unpacked."""
BROKEN = "no workbook that can be read: open it in a spreadsheet and save it as .xlsx"


def members(data: bytes, wanted: tuple[str, ...] = ("xl/workbook.xml",)) -> zipfile.ZipFile:
    """The archive, opened. LibraryError: it is none, is encrypted, too large, or lacks a wanted member."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        for name in wanted:
            archive.getinfo(name)
        _end(data)
    except (zipfile.BadZipFile, KeyError, struct.error, NotImplementedError, ValueError) as error:
        raise LibraryError(BROKEN) from error
    return archive


def content(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member's content. LibraryError: it is not there, broken, encrypted or too large."""
    try:
        if archive.getinfo(name).file_size > LARGEST_MEMBER:
            raise LibraryError(f"{name} is over the limit of {LARGEST_MEMBER:,} bytes: split the workbook")
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
        raise LibraryError(BROKEN) from error


def _end(data: bytes) -> tuple[int, int, tuple[int, ...]]:
    """Where the central directory begins and ends, and the fields of the record behind it."""
    at = data.rfind(b"PK\5\6")
    if at < 0:
        raise LibraryError(BROKEN)
    fields = END.unpack_from(data, at)
    size, start = fields[5], fields[6]
    if MOST in {size, start} or start + size != at or at + END.size + fields[7] != len(data):
        raise LibraryError(BROKEN)
    return start, at, fields


def replaced(data: bytes, name: str, new: bytes) -> bytes:
    """The archive with another content of one member, which was checked by `members`."""
    start, end, fields = _end(data)
    entries = _entries(data, start, end)
    offsets = sorted(fields[16] for _, fields, _ in entries)
    member = next(fields for found, fields, _ in entries if found == name.encode())
    begin = member[16]
    following = min((offset for offset in offsets if offset > begin), default=start)
    local = list(LOCAL.unpack_from(data, begin))
    names = data[begin + LOCAL.size : begin + LOCAL.size + local[9] + local[10]]
    packed = new
    if member[4] == zipfile.ZIP_DEFLATED:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(new) + packer.flush()
    flags = member[3] & ~0x8  # sizes stand in the header now, not behind the content
    sizes = (zlib.crc32(new), len(packed), len(new))
    local[2], local[3], local[6:9] = flags, member[4], sizes
    segment = LOCAL.pack(*local) + names + packed
    shift = len(segment) - (following - begin)
    central = b"".join(
        CENTRAL.pack(*_moved(one, begin, shift, {3: flags, 7: sizes[0], 8: sizes[1], 9: sizes[2]})) + rest
        for _, one, rest in entries
    )
    tail = END.pack(*fields[:6], start + shift, fields[7]) + data[end + END.size :]
    return data[:begin] + segment + data[following:start] + central + tail


def _entries(data: bytes, start: int, end: int) -> list[tuple[bytes, tuple[int, ...], bytes]]:
    """Name, fields and the rest (name, extra, comment) of each entry of the central directory."""
    found, at = [], start
    while at < end:
        fields = CENTRAL.unpack_from(data, at)
        rest = data[at + CENTRAL.size : at + CENTRAL.size + sum(fields[10:13])]
        found.append((rest[: fields[10]], fields, rest))
        at += CENTRAL.size + len(rest)
    return found


def _moved(fields: tuple[int, ...], begin: int, shift: int, own: Mapping[int, int]) -> list[int]:
    """An entry's fields: those of the replaced member, or its offset where it stands behind that."""
    new = list(fields)
    if new[16] == begin:
        for index, value in own.items():
            new[index] = value
    elif new[16] > begin:
        new[16] += shift
    return new
