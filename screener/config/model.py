"""The typed model under every settings file, and its faults as problems: file, line, key, value, what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from screener.config.toml import Document, Key
from screener.errors import InputError, Problem, did_you_mean

MISSING = object()
SHOWN = 80  # characters of a value in a message


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("a text")
    return text


Words = Annotated[str, AfterValidator(_not_blank)]


class Model(BaseModel):
    """A section of a settings file. Each field's description completes the sentence "expected ...".

    Types are strict (no text for a number, no number for true or false) and unknown keys are problems: a misspelt name
    would otherwise be ignored in silence.
    """

    # The validator of a model is built when it is first used: an offline run reads one file of these.
    # No setting is infinite or not a number: each of them passes a comparison that it should not.
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, defer_build=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    name_of_keys: ClassVar[str] = ""
    """What an unknown key should have been; empty lists the keys."""
    refused: ClassVar[Mapping[str, str]] = {}
    """Keys that people write and that belong elsewhere, with where."""
    hides_unknown: ClassVar[bool] = False
    """Whether the value of an unknown key is not repeated, since it may be a password."""


M = TypeVar("M", bound=Model)


def checked(model: type[M], document: Document, error: type[InputError], *, source: object = "") -> M:
    """The settings of a file.

    Raises
    ------
    InputError
        Of the type `error`, with every problem of the file.
    """
    made, problems = examine(model, document)
    if made is None:
        raise error.of(source or document.file, problems)
    return made


def examine(model: type[M], document: Document, at: Key = ()) -> tuple[M | None, list[Problem]]:
    """The settings of a file or of its section `at`, or None and every problem, in the order of the lines."""
    table: Any = document.table
    for part in at:
        table = table[part]
    try:
        return model.model_validate(table), []
    except ValidationError as error:
        found: dict[Key, Problem] = {}
        for fault in error.errors(include_url=False, include_input=False):
            key, value, expected = _fault(model, table, fault)
            key = (*at, *key)
            # A field of several allowed types has a fault for each; the description says it once.
            found.setdefault(key, Problem(document.file, document.line(key), dotted(key), _shown(value), expected))
        return None, sorted(found.values(), key=lambda problem: (problem.line or 0, problem.column))


def _fault(model: type[Model], table: Any, fault: Any) -> tuple[Key, Any, str]:
    """The innermost key that somebody wrote, its value, and what was expected, of one fault."""
    key: Key = ()
    section: type[Model] = model
    owner: type[Model] | None = model
    expected, value = "", table
    for part in fault["loc"]:
        if owner is not None and isinstance(part, str) and part in owner.model_fields:
            section, field = owner, owner.model_fields[part]
            expected, owner = field.description or "", _model_in(field.annotation)
        elif isinstance(value, Mapping) and part in value:
            expected = ""  # a key of the user's own choice: its check says what was expected
        elif owner is None or not isinstance(part, int):
            break  # inside a value: an item of a list, one of several allowed types
        key, value = (*key, part), _inside(value, part)
    kind = fault["type"]
    if kind == "extra_forbidden":
        section = owner or section
        shown = MISSING if section.hides_unknown else value
        return key, shown, section.refused.get(str(key[-1])) or _known_keys(section, str(key[-1]))
    if kind == "missing" and len(key) == len(fault["loc"]):
        return key, MISSING, f"{expected or 'a value'}; it is missing"
    if kind == "value_error" and (not expected or isinstance(value, Mapping)):
        return key, value, str(fault["ctx"]["error"])
    return key, value, expected or fault["msg"]


def dotted(key: Key | list[str | int]) -> str:
    """A key as a person writes it: `alerts.email.host`, `place[2].noi`."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")


def _known_keys(section: type[Model], name: str) -> str:
    known = [field.alias or own for own, field in section.model_fields.items()]
    what = section.name_of_keys or f"one of {', '.join(known)}"
    return what + did_you_mean(name, known)


def _model_in(annotation: Any) -> type[Model] | None:
    """The model that a field holds: itself, as an option, or as the items of a list."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _inside(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return MISSING


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    if value is MISSING or isinstance(value, Mapping):
        return ""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."
