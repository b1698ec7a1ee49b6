"""The JSON Schemas (2020-12) that editors complete and check settings with: a rulebook comes in, a schema goes out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.domain import PURPOSES, Rulebook
from pipeline.library.mapping import Columns
from pipeline.models.catalogue import Model
from pipeline.rulebook import Entry
from pipeline.settings import PathSettings, Settings

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KEPT = "fatal"


def settings_schema(rulebook: Rulebook) -> dict[str, Any]:
    """The schema of tactful.toml, and of [tool.tactful] in pyproject.toml: every key, rule, kind and model key."""
    (_, *_), parts = msgspec.json.schema_components(
        [Settings, PathSettings, Entry, Model, Columns], ref_template="#/$defs/{name}"
    )
    known: dict[str, Any] = dict(parts)
    root = known.pop("Settings")
    del root["properties"]["file"]
    rule = {**known.pop("Entry"), "required": []}
    model = {**known["Model"], "required": []}
    model["properties"] = {key: value for key, value in model["properties"].items() if key != "name"}
    names = {one.id: {"description": one.advice, "$ref": "#/$defs/Rule"} for one in rulebook.rules.values()}
    tiers = dict.fromkeys(tier for kind in rulebook.kinds.values() for tier in kind.limits)
    root["properties"] |= {
        "rules": {
            "type": "object",
            "description": "Keys to lay over rules, by id.",
            "properties": {
                name: one for name, one in names.items() if rulebook.rules[name].severity.name.lower() != KEPT
            },
            "additionalProperties": False,
        },
        "models": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Model"}},
        "library": {"$ref": "#/$defs/Columns"},
    }
    for table in (root, known["PathSettings"]):
        table["properties"]["kind"] = {"enum": ["", *rulebook.kinds], "default": ""}
        table["properties"]["tier"] = {"enum": ["", *tiers], "default": ""}
        table["properties"]["purpose"] = {"enum": ["", *PURPOSES], "default": ""}
        table["properties"]["ignore"] = _ignore(names)
    return {"$schema": DRAFT, "title": "tactful.toml", **root, "$defs": {**known, "Rule": rule, "Model": model}}


def _ignore(names: Mapping[str, Any]) -> dict[str, Any]:
    """Rules to say nothing of: a list of ids, or a table with reasons."""
    return {
        "description": "Rules to say nothing of: ids, or ids with the reason of each.",
        "anyOf": [
            {"type": "array", "items": {"enum": list(names)}},
            {"type": "object", "propertyNames": {"enum": list(names)}, "additionalProperties": {"type": "string"}},
        ],
    }
