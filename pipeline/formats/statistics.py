"""Results come in; a line for each rule that was broken goes out, the most frequent first."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pipeline.formats.results import FileResult


def statistics(results: Iterable[FileResult]) -> Iterator[str]:
    """How often, in how many files, how bad, who can fix it, and which rule; then the sum."""
    found: Counter[str] = Counter()
    files: Counter[str] = Counter()
    about: dict[str, tuple[str, str]] = {}
    looked = clean = 0
    for one in results:
        looked, clean = looked + 1, clean + one.clean
        files.update({finding.rule for finding in one.findings})
        for finding in one.findings:
            found[finding.rule] += 1
            about.setdefault(finding.rule, (finding.severity, finding.fix))
    for rule, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0])):
        severity, fix = about[rule]
        yield f"{count:6} in {files[rule]:<6} {severity:8} {fix:5} {rule}"
    yield f"{found.total():6} in {looked} files, {clean} of them clean"
