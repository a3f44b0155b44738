"""Writes the table of all settings into docs/configuration.md: ``make settings-doc``.

Everything in it is read off the classes: a class is found by the call that reads it.
"""

import argparse
import ast
import importlib
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin

import annotated_types
from pydantic import AfterValidator, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from devstack.folder import CHECKOUT
from devstack.settings import StackSettings
from services.settings import Form, variables_of

DOCUMENT: Final = CHECKOUT / "docs" / "configuration.md"
BEGIN: Final = "<!-- settings: written by `make settings-doc` -->"
END: Final = "<!-- settings: end -->"

FOLDERS: Final = ("api", "workers", "services", "temporal", "activities")
STACK: Final = "make dev"


class Setting(NamedTuple):
    """One row: what one process reads from one variable."""

    variable: str
    default: str
    allowed: str
    meaning: str
    process: str
    secret: bool


def processes() -> dict[str, list[type[BaseSettings]]]:
    """The classes of settings that each process reads, by what comes after ``python -m``."""
    found: dict[str, list[type[BaseSettings]]] = {}
    for folder in FOLDERS:
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
            for name in _read_in(path):
                kind = getattr(importlib.import_module(module), name)
                found.setdefault(module.removesuffix(".__main__"), []).append(kind)
    return found


def _read_in(path: Path) -> Iterator[str]:
    """The names of the classes in ``read_settings(Name)``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name("read_settings"), args=[ast.Name(name)]) if name[
                0
            ].isupper():
                yield name


def settings() -> list[Setting]:
    """A row for each process and variable."""
    rows = [
        _setting(variable, kind.model_fields[field], process)
        for process, kinds in processes().items()
        for kind in kinds
        for field, variable in variables_of(kind).items()
    ]
    theirs = {row.variable for row in rows}
    return rows + [
        _setting(field.upper(), info, STACK)
        for field, info in StackSettings.model_fields.items()
        if field == "port" or field.upper() not in theirs
    ]


def _setting(variable: str, field: FieldInfo, process: str) -> Setting:
    return Setting(
        variable=variable,
        default=_default(field),
        allowed=_allowed(field),
        meaning=" ".join((field.description or "").replace("``", "`").split()),
        process=process,
        secret=SecretStr in _parts(field.annotation) or field.repr is False,
    )


def _default(field: FieldInfo) -> str:
    default = field.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is PydanticUndefined:
        return "must be set"
    if default is None or default in ("", ()):
        return ""
    if isinstance(default, list):
        return f"`[{', '.join(chr(34) + str(each) + chr(34) for each in default)}]`"
    return f"`{default}`"


def _allowed(field: FieldInfo) -> str:
    """Type and bounds, in words; nothing for a text of any kind."""
    kinds = _parts(field.annotation)
    words = [text for kind, text in WORDS.items() if kind in kinds][:1]
    choices = [each for kind in kinds for each in _choices(kind)]
    if choices:
        words = ["JSON list of"] if list in kinds else []
        words.append(", ".join(f"`{each}`" for each in choices))
    forms = [each.func for each in _metadata(field) if isinstance(each, AfterValidator)]
    words = [form.words for form in forms if isinstance(form, Form)] or words
    return " ".join([*words, *_bounds(_metadata(field))])


WORDS: Final[Mapping[Any, str]] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    Path: "path",
    tuple: "list, commas between",
}


def _parts(annotation: Any) -> set[Any]:  # noqa: ANN401 - whatever stands behind a colon
    """A type with everything inside it: ``list[int] | None`` has list and int."""
    origin = get_origin(annotation)
    inside = {part for each in get_args(annotation) for part in _parts(each)}
    own = {annotation if origin is None else origin}
    return (own | inside) if origin is not Literal else {annotation}


def _choices(kind: Any) -> list[str]:  # noqa: ANN401 - as above
    if get_origin(kind) is Literal:
        return [str(each) for each in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(each.value) for each in kind]
    return []


def _metadata(field: FieldInfo) -> list[Any]:
    """What is said of the field, or of the one type that it has beside None."""
    inner = [each for part in get_args(field.annotation) for each in get_args(part)[1:]]
    return [*field.metadata, *inner]


def _bounds(constraints: list[Any]) -> list[str]:
    """Words for the bounds of a number."""
    least = next((each.ge for each in constraints if isinstance(each, annotated_types.Ge)), None)
    above = next((each.gt for each in constraints if isinstance(each, annotated_types.Gt)), None)
    most = next((each.le for each in constraints if isinstance(each, annotated_types.Le)), None)
    if least is not None and most is not None:
        return [f"{least:,} to {most:,}"]
    return [
        *([f"{least:,} or more"] if least is not None else []),
        *([f"more than {above}"] if above is not None else []),
        *([f"at most {most:,}"] if most is not None else []),
    ]


def table() -> str:
    """All settings in Markdown; one that several processes read has one row."""
    by_variable: dict[str, list[Setting]] = {}
    for row in settings():
        by_variable.setdefault(row.variable, []).append(row)
    lines = [
        "| variable | default | allowed | meaning | read by | secret |",
        "|---|---|---|---|---|---|",
    ]
    for variable, rows in sorted(by_variable.items()):
        first = next((row for row in rows if row.meaning), rows[0])
        readers = ", ".join(dict.fromkeys(f"`{row.process}`" for row in rows))
        secret = "yes" if first.secret else ""
        lines.append(
            f"| `{variable}` | {first.default} | {first.allowed} | {first.meaning} | {readers} "
            f"| {secret} |"
        )
    return "\n".join(lines)


def written(document: str) -> str:
    """The document with today's table in it."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main() -> None:
    """Write the table into the document."""
    argparse.ArgumentParser(
        prog="python -m devstack.configuration",
        description="Write the table of all settings into docs/configuration.md, from the classes "
        "that the processes read. Repeating it changes nothing.",
    ).parse_args()
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    print(DOCUMENT.relative_to(CHECKOUT), file=sys.stderr)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
