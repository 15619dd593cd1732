"""The root of every part of the settings."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

FILL_IN: Final = "fill-in"
"""What ready-made lines of settings say where only a person knows what to write; no setting may be left so."""


class Strict(BaseModel):
    """A part of the settings: frozen, and it refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def faults_of(error: ValidationError, at: str = "") -> list[str]:
    """What is wrong with a part of the settings, each fault with its key below ``at``."""
    found = []
    for fault in error.errors():
        key = ".".join([*filter(None, [at]), *map(str, fault["loc"])]) or "the whole file"
        got = "" if fault["type"] == "missing" else f" (it says {fault['input']!r})"
        found.append(f"{key}: {_worded(fault['type'], fault['msg'], fault['input'])}{got}")
    return found


def _worded(kind: str, message: str, said: object) -> str:
    if said == FILL_IN:
        return "is still to be filled in"
    return {"missing": "is missing", "extra_forbidden": "is no key that is known here"}.get(
        kind, message.removeprefix("Value error, ")
    )
