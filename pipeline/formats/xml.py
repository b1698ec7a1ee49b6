"""Results come in; XML goes out: checkstyle for linters' viewers, JUnit for those of tests."""

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as Tree

from pipeline import __version__
from pipeline.domain import Rulebook
from pipeline.formats.results import FileResult

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, even escaped."""
SEVERITIES = {"hint": "info", "warning": "warning", "error": "error", "fatal": "error"}


def checkstyle(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """A `file` for each message, an `error` for each finding."""
    del rulebook
    root = Tree.Element("checkstyle", version=f"tactful {__version__}")
    for one in results:
        file = Tree.SubElement(root, "file", name=_legal(one.name))
        for finding in one.findings:
            Tree.SubElement(
                file,
                "error",
                line=str(finding.line),
                column=str(finding.column),
                severity=SEVERITIES[finding.severity],
                message=_legal(f"{finding.message}. {finding.advice}"),
                source=f"tactful.{finding.rule}",
            )
    yield _written(root)


def junit(results: Iterable[FileResult], rulebook: Rulebook) -> Iterator[str]:
    """A suite for each message; a test for each rule that it breaks, and one that passes where it is clean.

    A hint is no failure: its test passes and says so on its output.
    """
    del rulebook
    root = Tree.Element("testsuites", name="tactful")
    tests = failures = 0
    for one in results:
        failed = sum(finding.severity != "hint" for finding in one.findings)
        count = max(1, len(one.findings))
        tests, failures = tests + count, failures + failed
        name = _legal(one.name)
        suite = Tree.SubElement(
            root, "testsuite", name=name, tests=str(count), failures=str(failed), errors="0", skipped="0"
        )
        for finding in one.findings:
            test = Tree.SubElement(suite, "testcase", name=finding.rule, classname=name)
            text = _legal(f"{one.name}:{finding.line}:{finding.column}: {finding.message}. {finding.advice}")
            if finding.severity == "hint":
                Tree.SubElement(test, "system-out").text = text
            else:
                Tree.SubElement(test, "failure", type=finding.severity, message=_legal(finding.message)).text = text
        if not one.findings:
            Tree.SubElement(suite, "testcase", name="clean", classname=name)
    root.set("tests", str(tests))
    root.set("failures", str(failures))
    yield _written(root)


def _legal(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)


def _written(root: Tree.Element) -> str:
    Tree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Tree.tostring(root, encoding="unicode")}\n'
