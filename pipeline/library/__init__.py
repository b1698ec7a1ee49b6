"""Files of templates come in; their messages go out, and the files' bytes with only the texts of some changed.

    body       a value as it stands -> the message in it
    template   Template, Change, Fault, Volume: read these first
    encoding   bytes -> a page of ASCII-compatible text
    mapping    the settings' table [library] and a file's columns -> which is what
    rows       the places of a file's rows -> its Volume
    cells      a delimited file -> its dialect and the places of its cells
    delimited  .csv .tsv
    tree       the tree of a JSON or YAML file -> its templates
    json       .json
    lines      .jsonl .ndjson
    scalars    a YAML string and a new text -> that text in the same style
    yaml       .yaml .yml
    archive    a zip archive with one member replaced
    workbook   the XML of a workbook -> its strings and cells
    sheet      .xlsx
    front      front matter -> the place of its subject
    text       a file that is one message
    volume     open_volume: a path -> its Volume
    shelf      find: a folder -> the files of templates in it
    patch      diff: a file's bytes and its new ones -> its part of a patch

Each imports only what stands above it. A new format is a reader, and its endings in `volume`.
"""

from pipeline.library.mapping import Columns, columns
from pipeline.library.shelf import find
from pipeline.library.template import Change, Fault, Template, Volume
from pipeline.library.text import message
from pipeline.library.volume import SUFFIXES, open_volume

__all__ = ["SUFFIXES", "Change", "Columns", "Fault", "Template", "Volume", "columns", "find", "message", "open_volume"]
