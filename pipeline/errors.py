"""Every way in which Tactful stops, as one tree; each class carries the exit status of the command.

    PipelineError            2   something in the set-up or the input: the message names the place and the remedy
    ├── DraftError           2   a draft that cannot be read: empty, binary, too large, an unclosed merge field
    ├── BriefError           2   a brief or front matter with a wrong key, type or syntax
    ├── SettingsError        2   tactful.toml, the environment, options at odds, a place that cannot be written
    ├── LibraryError         2   a library of templates, or a change that cannot be written to its file
    ├── RulebookError        2   a page of rules, ours or the user's
    ├── PromptError          2   a prompt template
    ├── CaseError            2   a case of the evals, a baseline or a cassette that cannot be read
    ├── EngineError          2   the computers that work on a batch: they do not start, or were lost on the way
    ├── LedgerError          2   the ledger of the batches: damaged, of a newer program, on a full disk
    ├── StaleCassette        4   the walk asks what no cassette holds
    └── ModelError           3   the model
        ├── ModelUnavailable 3   not fetched, not reachable, wrong key, no such model, time-out
        ├── ModelRefused     3   the model or its provider declined to answer
        └── EmptyReply       3   an empty or truncated answer

Findings are values and never raised: an exception means that the command cannot go on.
"""

from typing import ClassVar


class PipelineError(Exception):
    """The command cannot go on; `str(error)` is one line for the user: place, fault, remedy."""

    exit_code: ClassVar[int] = 2


class DraftError(PipelineError):
    """A draft that cannot be read."""


class BriefError(PipelineError):
    """A brief file or front matter that cannot be understood."""


class SettingsError(PipelineError):
    """A setting that is unknown, of the wrong type, out of range or at odds with another, or a bad place for a file."""


class LibraryError(PipelineError):
    """A file of templates that cannot be read, or a new text that cannot be written to it."""


class RulebookError(PipelineError):
    """A page of rules that is not sound; the message lists every fault of the page."""


class PromptError(PipelineError):
    """A prompt template that does not render."""


class CaseError(PipelineError):
    """A case of the evals, their baseline or a cassette that cannot be read."""


class LedgerError(PipelineError):
    """The ledger cannot be read or written; what it held before is still there."""


class EngineError(PipelineError):
    """The computers that work on a batch do not start, or were lost on the way: what was finished is kept."""


class StaleCassette(PipelineError):
    """The walk asks a model something that the case's cassette does not hold: it wants recording again."""

    exit_code: ClassVar[int] = 4


class ModelError(PipelineError):
    """The model did not give a usable answer."""

    exit_code: ClassVar[int] = 3


class ModelUnavailable(ModelError):
    """The model is not there: not fetched, not reachable, wrong key or unknown name."""


class ModelRefused(ModelError):
    """The model or its provider declined to rewrite this message."""


class EmptyReply(ModelError):
    """The model answered with nothing, or was cut off by its token limit."""
