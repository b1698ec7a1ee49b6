"""Files come in, one outcome each goes out, in the same order: the work of `check`.

    sources   names and folders -> the files to look at
    marks     a review -> what is wrong with the marks that hide findings
    touched   a git revision -> the lines that were changed since
    baseline  findings that the user has accepted -> only those that are new
    run       Job, Outcome, check: a file -> its outcome

Each imports only what stands above it.
"""

from pipeline.checking.run import Form, Job, Outcome, check, found, written
from pipeline.checking.sources import sources

__all__ = ["Form", "Job", "Outcome", "check", "found", "sources", "written"]
