"""The root of every part of the settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of the settings: frozen, and it refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
