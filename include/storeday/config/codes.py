"""Codes and amounts as several parts of the settings write them. Nominals are text, since leading zeros count."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from storeday.model.money import minor_of


def _minor(text: Any) -> Any:
    return minor_of(text) if isinstance(text, str) else text


Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
Nominal = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]
Minor = Annotated[int, BeforeValidator(_minor), Field(ge=0)]
"""An amount written as money ("0.05") and kept in minor units (5)."""
