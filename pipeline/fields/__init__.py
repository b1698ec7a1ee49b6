"""A text comes in; its merge fields, blocks and spintax, of any template language, go out as spans to protect.

    nouns      Role, Field, Fault, Scan, Masked, Change: read these first
    patterns   a regular expression, compiled when it is first used
    readers    the words of each language: the inside of one tag -> what it says
    syntaxes   the delimiters of each language, and the reader of each
    blocks     tags in order -> which closes which, and the atoms that may be moved but never opened
    scanner    scan: the walk over the text, with a stack of open delimiters
    masking    mask and restore, blank, and the changes that a rewrite made
    rendering  render: the text as it would be sent

Each imports only what stands above it. A new language is a line in `syntaxes`, and a reader where its tags are its own.
"""

from pipeline.fields.masking import blank, changes, mask, restore
from pipeline.fields.nouns import Change, Fault, Field, Masked, Role, Scan
from pipeline.fields.rendering import render
from pipeline.fields.scanner import scan

__all__ = [
    "Change",
    "Fault",
    "Field",
    "Masked",
    "Role",
    "Scan",
    "blank",
    "changes",
    "mask",
    "render",
    "restore",
    "scan",
]
