"""Templates come in; what the scanner must see, hide, put back and report goes out."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fields import Field, Role, blank, changes, mask, render, restore, scan

VALUE, OPEN, MIDDLE, CLOSE, SPIN, COMMENT, TODO = Role


def upper(field: Field) -> str:
    """A value to render: the field's name, in capitals."""
    return field.name.upper()


VALUES = [  # text, syntax, name, fallback: the whole text is one VALUE
    ("{{ contact.firstname }}", "double-brace", "contact.firstname", None),
    ("{{ personalization_token('contact.firstname', 'there') }}", "double-brace", "contact.firstname", "there"),
    ('{{ personalization_token("contact.firstname") }}', "double-brace", "contact.firstname", None),
    ("{{ x | default: '}}' }}", "double-brace", "x", "}}"),
    ("{{x|there}}", "double-brace", "x", "there"),
    ("{{ name|capitalize }}", "double-brace", "name", None),
    ('{{ name | upcase | default: "you, friend" }}', "double-brace", "name", "you, friend"),
    ("{{ x | default('y', true) }}", "double-brace", "x", "y"),
    ('{{contact.first_name || "Unknown"}}', "double-brace", "contact.first_name", "Unknown"),
    ("{{ x or 'there' }}", "double-brace", "x", "there"),
    ("{{ x if x else 'there' }}", "double-brace", "x", "there"),
    ("{{lead.City:default=fallback}}", "double-brace", "lead.City", "fallback"),
    ("{{lead.First Name}}", "double-brace", "lead.First Name", None),
    ("{{ ${first_name} | default: 'Valued User' }}", "double-brace", "first_name", "Valued User"),
    ("{{custom_attribute.${x}}}", "double-brace", "custom_attribute.x", None),
    ("{{- x -}}", "double-brace", "x", None),
    ("{{&x}}", "double-brace", "x", None),
    ("{{> p}}", "double-brace", "p", None),
    ("{{!my_signature}}", "double-brace", "my_signature", None),
    ("{{x|it's you}}", "double-brace", "x", "it's you"),
    ("{{}}", "double-brace", "", None),
    ("{{{Recipient.FirstName}}}", "triple-brace", "Recipient.FirstName", None),
    ("{{{FIRST_NAME|there}}}", "triple-brace", "FIRST_NAME", "there"),
    ("{%=lead.city %}", "statement", "lead.city", None),
    ("{% include footer %}", "statement", "footer", None),
    ("{!Contact.FirstName}", "salesforce", "Contact.FirstName", None),
    ("{!Contact.FirstName, Valued Customer}", "salesforce", "Contact.FirstName", "Valued Customer"),
    ('{!BLANKVALUE(Contact.FirstName, "Valued Customer")}', "salesforce", "Contact.FirstName", "Valued Customer"),
    ('{!IF(a <= 1, "x}", "y")}', "salesforce", "", None),
    ("*|FNAME|*", "mailchimp", "FNAME", None),
    ("*|DATE:Y|*", "mailchimp", "DATE", None),
    ("*|UPPER:X|*", "mailchimp", "X", None),
    ("{first_name}", "single-brace", "first_name", None),
    ("{FIRST_NAME}", "single-brace", "FIRST_NAME", None),
    ("{First Name}", "single-brace", "First Name", None),
    ("{contact.name}", "single-brace", "contact.name", None),
    ("{name!r:>10}", "single-brace", "name", None),
    ("{contactfield=firstname|there}", "single-brace", "firstname", "there"),
    ("%FIRST_NAME%", "percent", "FIRST_NAME", None),
    ("%first_name%", "percent", "first_name", None),
    ("%FIRST_NAME%|there", "percent", "FIRST_NAME", "there"),
    ('%X%,fallback="a b"', "percent", "X", "a b"),
    ("%(name)s", "percent", "name", None),
    ("${name}", "dollar", "name", None),
    ("$first_name", "dollar", "first_name", None),
    ("[[First Name]]", "double-square", "First Name", None),
    ("<<Name>>", "double-angle", "Name", None),
    ("<$Contact.FirstName$>", "angle-dollar", "Contact.FirstName", None),
    ("#$A_B_C$#", "hash-dollar", "A_B_C", None),
    ("<First Name>", "angle", "First Name", None),
    ("<FirstName>", "angle", "FirstName", None),
    ("<company>", "angle", "company", None),
    ("<title>", "angle", "title", None),
    ("«First_Name»", "guillemet", "First_Name", None),
    ("«First Name»", "guillemet", "First Name", None),
    ("[Name]", "square", "Name", None),
    ("[Company Name]", "square", "Company Name", None),
    ("[specific project or position]", "square", "specific project or position", None),
    ("[state]", "square", "state", None),
]

ROLES = [  # text, the roles of its fields, the number of its atoms
    ("{% if a %}x{% elsif b %}y{% elif c %}{% else %}z{% endif %}", [OPEN, MIDDLE, MIDDLE, MIDDLE, CLOSE], 1),
    ("{%- for x in xs -%}{{ x }}{%- endfor -%}", [OPEN, VALUE, CLOSE], 1),
    ("{% case a %}{% when 1 %}x{% endcase %}", [OPEN, MIDDLE, CLOSE], 1),
    ("{% unless a %}x{% end %}", [OPEN, CLOSE], 1),
    ("{% assign a = 'b %}' %}", [COMMENT], 1),
    ("{% set a = 1 %}{% set b %}x{% endset %}", [COMMENT, OPEN, CLOSE], 2),
    ("{% raw %}{{ x }} {% if %}{% endraw %}", [OPEN, CLOSE], 1),
    ("{% comment %}{{ x }}{% endcomment %}", [COMMENT], 1),
    ("{# a }} {% b #}", [COMMENT], 1),
    ("{{! it's }} {{!-- }} --}}", [COMMENT, COMMENT], 2),
    ("{{#if x}}a{{else if y}}b{{else}}c{{/if}}", [OPEN, MIDDLE, MIDDLE, CLOSE], 1),
    ("{{#if x}}{{x}}{{#else}}there{{#endif}}", [OPEN, VALUE, MIDDLE, CLOSE], 1),
    ("{{#if x}}{{#endif}}", [OPEN, CLOSE], 1),
    ("{{#each xs}}{{this}}{{/each}}{{^x}}n{{/x}}", [OPEN, VALUE, CLOSE, OPEN, CLOSE], 2),
    ("*|IF:N == 0|*a*|ELSEIF:B|*b*|ELSE:|*c*|END:IF|*", [OPEN, MIDDLE, MIDDLE, CLOSE], 1),
    ("*|INTERESTED:A:B|*x*|END:INTERESTED|*", [OPEN, CLOSE], 1),
    ("*|IFNOT:A|*x*|END:IF|*", [OPEN, CLOSE], 1),
    ("{% if a %}{{#if b}}{{x}}{{/if}}{% endif %} {{y}}", [OPEN, OPEN, VALUE, CLOSE, CLOSE, VALUE], 2),
    ("{{Random | Hey {{first_name}}, | Hi {{first_name}},}}", [SPIN], 1),
    ("{{RANDOM|I'm|don't}}", [SPIN], 1),
    ("{Quick question|Thoughts?|Idea for {{company}}}", [SPIN], 1),
    ("{{{company}}|there}", [SPIN], 1),
    ("{a|{b|{c|d}}} e", [SPIN], 1),
    ("{firstName|there}", [SPIN], 1),
    ("{Hi %X%|there} {%X%|there}", [SPIN, SPIN], 2),
    ("{{% if a %}b{% endif %}|c}", [SPIN], 1),
    ("[mention something you have in common]", [TODO], 1),
    ("[insert name] [add your reason] [Why this company?]", [TODO, TODO, TODO], 3),
    ("[mention {{company}} news]", [TODO], 1),
    ("[about {{company}}]", [VALUE], 1),
    ("{ {{a}} {b} }", [VALUE, VALUE], 2),
    ("with [X] years", [VALUE], 1),
]

PROSE = [
    "50% of A and 20% of B, 100%",
    "I like {curly things and so on",
    "I like {curly things} { } {} {1}",
    "[1] [12] [link](https://x.y) [sic] [...] [x] [ ] [^1] [citation needed] [B]oth item[s]",
    "<b>x</b> <br> <br/> <p> <a href='x'> <https://a.b> <a@b.c> a < b > c 3 <5> <note>x</note>",
    "« Bonjour » and «hola»",
    "$100, #1, C#, 5 * 3 | 2 *x* **bold**, a | b",
    "https://x.y/%E2%80%99?a=%20b%20",
    '{"a": {"b": 1}}',
    "lone [ and < and % and * and «",
    "{" * 50,
]

FAULTS = [  # text, the quoted tag and the complaint, for each fault in order
    ("Hi {{first_name, how are you", ["'{{first_name,' is never closed"]),
    ("Hi {{first_name}, I saw {{company}}", ["'{{first_name}' is never closed"]),
    ("Hi {{first_name\n\nbye}}", ["'{{first_name' is never closed"]),
    ("Hi {% if x", ["'{% if' is never closed"]),
    ("Hi {!Contact.Name", ["'{!Contact.Name' is never closed"]),
    ("Hi *|FNAME, you", ["'*|FNAME' is never closed"]),
    ("Hi {{RANDOM | a | b", ["'{{RANDOM' is never closed"]),
    ("Hi first_name}}", ["'}}' closes nothing"]),
    ("{% if a %}x", ["'{% if a %}' is never closed"]),
    ("x{% endif %}", ["'{% endif %}' closes nothing"]),
    ("{{else}}", ["'{{else}}' stands outside any block"]),
    ("*|IF:A|*x{{/if}}", ["'*|IF:A|*' is never closed", "'{{/if}}' closes nothing"]),
    (
        "{% if a %}{% for x in y %}{% endif %}{% endfor %}",
        ["'{% for x in y %}' is still open at '{% endif %}'", "'{% endfor %}' closes nothing"],
    ),
    ("{% raw %}{{x}}", ["'{% raw %}' is never closed"]),
]

RENDERED = [
    ("Hi {{ a }} at {b}", "Hi A at B"),
    ("{ab|c|{{name}} d}!", "NAME d!"),
    ("{ab|\N{GRINNING FACE}\N{GRINNING FACE}}", "\N{GRINNING FACE}\N{GRINNING FACE}"),
    ("{{RANDOM | Hi | Hello {a|bcd} }}", "Hello bcd"),
    ("{% if a %}x{% elsif b %}{{long}}{% else %}yy{% endif %}.", "LONG."),
    ("{% for a in b %}-{{a}}{% endfor %}", "-A"),
    ("{{#if a}}{{#if b}}one{{else}}longest{{/if}}{{else}}two{{/if}}", "longest"),
    ("{% capture x %}y{% endcapture %}{% assign a = 1 %}{# c #}{{! d }}z", "z"),
    ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ("a {x %}| {y", "a {x %}| {y"),
    ("{a{% if x %}|b{% endif %}|c}", "a|b"),
    ("{%X%|no}", "no"),
    ("x{% endif %}y{% else %}z", "xyz"),
]


@pytest.mark.parametrize(("text", "syntax", "name", "fallback"), VALUES)
def test_every_way_to_write_a_value_is_read(text: str, syntax: str, name: str, fallback: str | None) -> None:
    """Each language's field is one VALUE with its name and fallback, alone and amid prose."""
    for before, after in (("", ""), ("Dear ", ", 50% {of"), ("(", ")")):
        (found,) = scan(before + text + after).fields
        seen = (found.raw, found.start, found.syntax, found.role, found.name, found.fallback)
        assert seen == (text, len(before), syntax, VALUE, name, fallback)
        assert found.by_hand is (syntax in ("square", "angle"))


@pytest.mark.parametrize(("text", "roles", "atoms"), ROLES)
def test_blocks_spintax_comments_and_instructions_have_their_roles(text: str, roles: list[Role], atoms: int) -> None:
    """Each tag has its role, a sound text has no fault, and every outermost block is one atom."""
    found = scan(text)
    assert [field.role for field in found.fields] == roles
    assert found.faults == ()
    assert len(found.atoms) == atoms


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_left_alone(text: str) -> None:
    """Brackets, percent signs and markup of plain writing are neither fields nor faults."""
    found = scan(text)
    assert (found.fields, found.faults) == ((), ())


@pytest.mark.parametrize(("text", "complaints"), FAULTS)
def test_broken_tags_are_named(text: str, complaints: list[str]) -> None:
    """A fault names the tag, says what is wrong, and offers a remedy."""
    faults = scan(text).faults
    assert [fault.what for fault in faults] == complaints
    assert all(fault.remedy and fault.start < fault.end for fault in faults)


@pytest.mark.parametrize(("text", "sent"), RENDERED)
def test_render_shows_the_longest_wording(text: str, sent: str) -> None:
    """Values are filled, the longest branch is taken in UTF-16 units, tags and comments vanish."""
    assert render(text, upper) == sent


def test_render_asks_for_blanks_and_instructions_too() -> None:
    """Both a blank and an instruction get words, since the sender will write some there."""
    assert render("[Name]: [mention a project]", lambda field: field.role.value) == "value: todo"


def test_a_block_tag_tells_its_word_and_the_variable_it_tests() -> None:
    """A caller can list the variables that a template depends on, conditions included."""
    tags = scan("{% if not first_name %}{% endif %}{{#each people}}{{/each}}*|IF:CITY|**|END:IF|*").fields
    seen = [(tag.word, tag.name) for tag in tags]
    assert seen == [("if", "first_name"), ("if", ""), ("each", "people"), ("each", ""), ("IF", "CITY"), ("IF", "")]


def test_a_broken_block_tag_is_still_an_atom() -> None:
    """A tag without its partner is protected too, so a rewrite cannot lose it unseen."""
    assert scan("{% if a %}x {{b}}").atoms == ((0, 10), (12, 17))


def test_blank_hides_tags_and_keeps_branch_words() -> None:
    """The prose inside a block stays where it was; everything a machine reads is hidden."""
    text = "Hi {{\na }}: {% if b %}yes{% endif %} {c|d} [add your reason]"
    hidden = blank(text)
    assert hidden.replace("\ue000", " ").split() == ["Hi", ":", "yes"]
    assert hidden.index("yes") == text.index("yes")
    assert "\n" not in hidden
    assert blank(text, scan(text)) == hidden


def test_mask_passes_over_sentinels_that_the_text_holds() -> None:
    """A sentinel never equals anything written in the text, also one inside a field."""
    masked = mask("<<1>> {{a}} <<3>> {{b|<<2>>}} {% if c %}d{% endif %}")
    assert masked.text == "<<1>> <<4>> <<3>> <<5>> <<6>>"
    assert masked.originals["<<6>>"] == "{% if c %}d{% endif %}"


def test_restore_follows_a_rewrite() -> None:
    """Sentinels may be moved by a rewriter; an unknown one stays to be seen."""
    masked = mask("Hi {{a}}, I saw {{b}}.")
    assert restore("<<2>>! <<1>>? <<9>>", masked) == "{{b}}! {{a}}? <<9>>"


def test_new_faults_are_changes() -> None:
    """A rewrite that breaks a tag, or adds a broken one, is reported with the broken text."""
    assert [(c.kind, c.raw) for c in changes("Hi {{a}}", "Hi {{a}")] == [("lost", "{{a}}"), ("added", "{{a}")]
    assert [(c.kind, c.raw) for c in changes("Hi", "Hi {% endif %}")] == [("added", "{% endif %}")]


def test_values_may_move_but_blocks_may_not_pass_each_other() -> None:
    """A rewriter may reorder merge fields; blocks and loops keep their order."""
    assert changes("{{a}} at {{b}}", "At {{b}}, {{a}}") == ()
    one, two = "{% if a %}x{% endif %}", "{% if b %}x{% endif %}"
    assert {c.kind for c in changes(one + two, two + one)} == {"reordered"}


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "{{",
        "{ ",
        "{{ ",
        "{% ",
        "{% if x %}",
        "{{ {{ ",
        "[",
        "<a",
        "*|A",
        "%A",
        "{a|",
        "}} ",
        "{{ '",
        "{#",
        "{{!-- ",
        "{{a" + " " * 390 + "b}}",
    ],
)
def test_any_flood_of_openers_completes(unit: str) -> None:
    """Work grows with the length, and nothing recurses: a flood of unclosed tags comes to an end."""
    text = unit * (200_000 if unit in ("{", "{{") else 20_000)
    assert scan(text).text == text


def test_no_pattern_is_compiled_before_a_template_is_met() -> None:
    """Importing the scanner compiles nothing, so a command that meets no template starts at once."""
    subprocess.run([sys.executable, "-c", "import re; re.compile = None; import pipeline.fields"], check=True)


def test_deep_blocks_render_without_recursion() -> None:
    """Blocks may nest far deeper than the interpreter's stack."""
    depth = 20_000
    assert render("{% if x %}a" * depth + "{% endif %}" * depth, upper) == "a" * depth


PIECES = [text for text, *_ in VALUES] + [text for text, *_ in ROLES] + [text for text, *_ in FAULTS] + PROSE
PIECES += ["{", "{{", "{{{", "}", "}}", "}}}", "{%", "%}", "{#", "#}", "*|", "|*", "[", "]", "<", ">", "«", "»", "|"]
PIECES += ["<<1>>", "<<", "1>>", "<<2", "'", '"', "%", "$", "${", "#$", "!", "\n", "\n\n", " ", "a", "if", "{{RANDOM|"]
shreds = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)
texts = st.text() | st.text(alphabet="{}%[]<>*|#$!'\"ab1 \n/", max_size=60) | shreds

BLOCKS = [text for text, roles, atoms in ROLES if roles[0] is OPEN and atoms == 1]
ATOMS = (
    BLOCKS + [text for text, *_ in VALUES] + [text for text, roles, _ in ROLES if roles == [SPIN] or roles == [TODO]]
)
ATOMS = [text for text in ATOMS if [text] == [text[a:b] for a, b in scan(text).atoms]]
rows = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=6)


def sentence(atoms: list[str]) -> str:
    """Some prose around the atoms."""
    return "Hello " + " and then ".join(atoms) + " bye"


@given(texts)
@settings(max_examples=500)
def test_restore_undoes_mask(text: str) -> None:
    """Masking and restoring gives back any text, faulty ones included."""
    masked = mask(text)
    assert restore(masked.text, masked) == text


@given(texts)
@settings(max_examples=500)
def test_fields_lie_in_order_and_quote_the_text(text: str) -> None:
    """Fields and atoms never overlap, each field's raw is its slice, and every field lies within an atom."""
    found = scan(text)
    for spans in ([(field.start, field.end) for field in found.fields], list(found.atoms)):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(field.raw == text[field.start : field.end] for field in found.fields)
    assert all(any(a <= field.start and field.end <= b for a, b in found.atoms) for field in found.fields)
    assert all(0 <= fault.start < fault.end <= len(text) for fault in found.faults)


@given(texts)
def test_blank_keeps_every_offset(text: str) -> None:
    """Blanking changes no length, and no character outside the fields."""
    hidden, fields = blank(text), scan(text).fields
    assert len(hidden) == len(text)
    assert all(
        a == b or any(f.start <= i < f.end for f in fields) for i, (a, b) in enumerate(zip(text, hidden, strict=True))
    )


@given(texts)
def test_render_takes_any_text(text: str) -> None:
    """Rendering never raises, and leaves a text without fields as it is."""
    sent = render(text, upper)
    assert sent == text or scan(text).fields


@given(texts)
def test_nothing_changed_is_sound(text: str) -> None:
    """A text compared with itself shows no change."""
    assert changes(text, text) == ()


@given(rows)
def test_other_prose_around_the_same_atoms_is_sound(atoms: list[str]) -> None:
    """A rewrite may put any words around the atoms, so long as it keeps them."""
    assert changes(sentence(atoms), "Dear you. " + " ".join(atoms) + " Thanks!") == ()


@given(rows, st.data())
def test_a_lost_or_doubled_atom_is_reported(atoms: list[str], data: st.DataObject) -> None:
    """Dropping one atom is a loss of it, doubling one is an addition of it, and nothing else."""
    i = data.draw(st.integers(0, len(atoms) - 1))
    fewer, more = atoms[:i] + atoms[i + 1 :], [*atoms, atoms[i]]
    lost = changes(sentence(atoms), sentence(fewer))
    assert ("lost", atoms[i]) in [(change.kind, change.raw) for change in lost]
    added = changes(sentence(atoms), sentence(more))
    assert ("added", atoms[i]) in [(change.kind, change.raw) for change in added]


@given(st.lists(st.sampled_from(BLOCKS), min_size=2, max_size=6, unique=True), st.data())
def test_swapped_blocks_are_reported(blocks: list[str], data: st.DataObject) -> None:
    """Two different blocks that change places are reported as reordered, and only so."""
    i, j = data.draw(st.permutations(range(len(blocks))))[:2]
    swapped = blocks.copy()
    swapped[i], swapped[j] = blocks[j], blocks[i]
    assert {change.kind for change in changes(sentence(blocks), sentence(swapped))} == {"reordered"}
