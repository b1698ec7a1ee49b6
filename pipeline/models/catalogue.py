"""Catalogue tables, ours and the user's -> the one Model that a command will ask."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec
import tomli
from msgspec import Meta

from pipeline.errors import ModelUnavailable, SettingsError

DEFAULT = "smollm2-135m"
ANY_KEY = "TACTFUL_API_KEY"

Way = Literal["pieces", "whole"]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Size = Annotated[int, Meta(gt=0)]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model file inside the wheel of a package: where it lies, how large it is, and what it must hash to."""

    package: Word
    version: Word
    member: str
    bytes: Size
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    wheel_bytes: Size


class Adapter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A LoRA adapter that lies in this package, for the pieces way of one model file: its name, size and hash."""

    name: Word
    bytes: Size
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model: where it runs (exactly one of `file`, `path` and `base_url`), what it is good for, what it takes.

    `silent` is the model that is none: it needs no place and writes nothing, and the pieces way does without.
    """

    name: str
    label: str = ""
    way: Way = "whole"
    licence: str = ""
    card: str = ""
    file: File | None = None
    adapter: Adapter | None = None
    silent: bool = False
    path: str = ""
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    base_url: str = ""
    id: str = ""
    key_env: Annotated[str, Meta(pattern=r"^([A-Z][A-Z0-9_]*_API_KEY)?$")] = ""
    grammar: bool = False
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    steerable: bool = True
    extra: Mapping[str, Any] = {}
    connect_timeout: Seconds = 10.0
    read_timeout: Seconds = 120.0
    retries: Annotated[int, Meta(ge=0, le=10)] = 3
    requests_per_minute: Annotated[int, Meta(ge=0)] = 0
    tokens_per_minute: Annotated[int, Meta(ge=0)] = 0
    price_in: Annotated[float, Meta(ge=0)] = 0.0
    price_out: Annotated[float, Meta(ge=0)] = 0.0

    def __post_init__(self) -> None:
        """Refuse what no single field can show: no place or several, an address that is none, a remote without id."""
        if sum(map(bool, (self.file, self.path, self.base_url, self.silent))) != 1:
            raise ValueError("give exactly one of base_url, path and file")
        if self.base_url:
            _check_address(self.base_url)
        if self.remote and not self.id:
            raise ValueError("id: name the model that this server is to run")

    @property
    def embedded(self) -> bool:
        """Whether it runs in-process, from a file."""
        return bool(self.file or self.path)

    @property
    def tuned(self) -> Adapter | None:
        """The adapter that is loaded beside it: only in the way that it was tuned for."""
        return self.adapter if self.way == "pieces" else None

    @property
    def digest(self) -> str:
        """The SHA-256 of the model's file, where the table tells it: "" for servers and for files of the user's.

        With an adapter, both hashes.
        """
        base = self.file.sha256 if self.file else self.sha256
        return f"{base}+{self.tuned.sha256}" if self.tuned else base

    @property
    def remote(self) -> bool:
        """Whether asking it sends the draft off this computer: its address is not a loopback one."""
        return bool(self.base_url) and not _loopback(urlsplit(self.base_url).hostname or "")


def load(extra: Mapping[str, object] = {}) -> dict[str, Model]:
    """Our catalogue and the user's `[models.NAME]` tables; a SettingsError lists every table that is not sound."""
    ours = tomli.loads((files(__package__) / "catalogue.toml").read_text(encoding="utf-8"))
    models = {name: _model(name, table) for name, table in ours.items()}
    faults: list[str] = []
    for name, table in extra.items():
        try:
            models[name] = _users(name, table, models, ours)
        except SettingsError as error:
            faults.append(str(error))
    if faults:
        raise SettingsError("; ".join(faults))
    return models


def choose(catalogue: Mapping[str, Model], name: str = "", base_url: str = "", way: str = "") -> Model:
    """The model that is meant: "" the embedded one, a catalogue name, any name at `base_url`, or a GGUF file."""
    if way not in ("", *get_args(Way)):
        raise SettingsError(f"way {way!r}: use pieces or whole")
    model = _at(name, base_url) if base_url else _named(catalogue, name or DEFAULT)
    return msgspec.structs.replace(model, way=way) if way else model


def _at(name: str, base_url: str) -> Model:
    """Any name at any address: our own key variable at most, never one that belongs to a provider."""
    if not name:
        raise SettingsError(f"--base-url {base_url}: say which model is meant, with --model NAME")
    return _convert({"name": name, "id": name, "base_url": base_url, "key_env": ANY_KEY}, "--base-url")


def _named(catalogue: Mapping[str, Model], name: str) -> Model:
    """A name of the catalogue, or a GGUF file of the user's."""
    if name in catalogue:
        return catalogue[name]
    if not name.lower().endswith(".gguf"):
        raise ModelUnavailable(
            f"model {name!r} is not known{_meant(name, catalogue)}; known: {', '.join(catalogue)}; "
            "or give a file.gguf, or --base-url for a server"
        )
    place = Path(name).expanduser()
    if not place.is_file():
        raise ModelUnavailable(f"model {name}: there is no such file")
    return Model(name=place.name, label=str(place), path=str(place), grammar=True)


def _users(name: str, table: object, models: Mapping[str, Model], ours: Mapping[str, Any]) -> Model:
    """A table of the user's, over ours of the same name if there is one."""
    if not isinstance(table, Mapping):
        raise SettingsError(f"[models.{name}]: write a table, for example [models.{name}] base_url = ... and id = ...")
    if name in models and models[name].file:
        raise SettingsError(f"[models.{name}]: this is the embedded model; give your own another name")
    model = _model(name, {**ours.get(name, {}), **table})
    for owner in ours.values():
        if owner.get("key_env") == model.key_env != "" and _origin(owner["base_url"]) != _origin(model.base_url):
            raise SettingsError(
                f"[models.{name}] key_env: {model.key_env} goes only to {_origin(owner['base_url'])}; "
                f"put the key for {model.base_url or 'this model'} into {ANY_KEY}"
            )
    return model


def _model(name: str, table: Mapping[str, Any]) -> Model:
    """A table as a Model; unknown keys are named with what was probably meant."""
    faults = list(_unknown(f"[models.{name}]", table, [key for key in Model.__struct_fields__ if key != "name"]))
    if isinstance(table.get("file"), Mapping):
        faults += _unknown(f"[models.{name}.file]", table["file"], File.__struct_fields__)
    if faults:
        raise SettingsError("; ".join(faults))
    return _convert({**table, "name": name}, f"[models.{name}]")


def _unknown(place: str, table: Mapping[str, Any], known: "list[str] | tuple[str, ...]") -> Iterator[str]:
    for key in table:
        if key not in known:
            yield f"{place} {key}: unknown key{_meant(key, known)}; known: {', '.join(known)}"


def _convert(table: Mapping[str, Any], place: str) -> Model:
    try:
        return msgspec.convert(table, Model)
    except msgspec.ValidationError as error:
        fault, _, where = str(error).partition(" - at `$")
        raise SettingsError(f"{place}{where.rstrip('`').replace('.', ' ', 1)}: {fault}") from None


def _meant(word: str, known: "Mapping[str, object] | list[str] | tuple[str, ...]") -> str:
    close = get_close_matches(word, list(known), n=1)
    return f", did you mean {close[0]}?" if close else ""


def _check_address(base_url: str) -> None:
    address = urlsplit(base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError(f"base_url: {base_url!r} is no address; write for example http://127.0.0.1:8080/v1")
    if address.username or address.password:
        raise ValueError(f"base_url: leave name and password out of the address; a key goes into {ANY_KEY}")
    if address.query or address.fragment or any(letter.isspace() for letter in base_url):
        raise ValueError(f"base_url: {base_url!r}: leave out spaces and what follows ? or #")
    _ = address.port


def _origin(base_url: str) -> str:
    address = urlsplit(base_url)
    return f"{address.scheme}://{address.netloc}".lower()


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
