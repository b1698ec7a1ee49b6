"""The outcome of a run comes in, JUnit XML goes out: for every CI that shows tests."""

from xml.etree import ElementTree as Xml

from pipeline.evals.figures import FIGURES
from pipeline.evals.outcome import Outcome
from pipeline.evals.reports import figure_line


def junit(outcome: Outcome) -> str:
    """The outcome as JUnit XML: a suite a model, a test a case and one for each figure; stale cases are errors."""
    root = Xml.Element("testsuites", name="tactful eval")
    for model in dict.fromkeys((*outcome.models, *(one.model for one in outcome.stale))):
        rows, stale = outcome.of(model), [one for one in outcome.stale if one.model == model]
        worse = [one for one in outcome.verdicts.get(model, ()) if one.worse]
        fallen = {one.case: outcome.fallen(one) for one in rows}
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=model,
            tests=str(len(rows) + len(stale) + len(outcome.verdicts.get(model, ()))),
            failures=str(sum(map(bool, fallen.values())) + len(worse)),
            errors=str(len(stale)),
        )
        for one in rows:
            test = Xml.SubElement(suite, "testcase", classname=f"{model}.{one.kind}", name=one.case)
            if fallen[one.case]:
                said = "; ".join(f"{FIGURES[name].label}: {one.figures[name].why}" for name in fallen[one.case])
                Xml.SubElement(test, "failure", message=_xml(said)).text = _xml(one.after)
        for verdict in outcome.verdicts.get(model, ()):
            test = Xml.SubElement(suite, "testcase", classname=f"{model}.figures", name=verdict.figure)
            if verdict.worse:
                Xml.SubElement(test, "failure", message=_xml(figure_line(verdict)))
        for lost in stale:
            test = Xml.SubElement(suite, "testcase", classname=f"{model}.stale", name=lost.case)
            Xml.SubElement(test, "error", message=_xml(str(lost)))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """A text without the control characters that XML cannot hold."""
    return "".join(letter if letter in "\n\t" or letter >= " " else "\ufffd" for letter in text)
