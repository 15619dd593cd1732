"""Reads settings files below one folder, and gathers what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from storeday.config.strict import faults_of
from storeday.config.text import read_yaml

Model = TypeVar("Model", bound=BaseModel)


class Reader:
    """Reads files below one folder and gathers what is wrong, each problem with file and key."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []

    def problem(self, file: Path, what: str) -> None:
        """Keep one problem, with its file."""
        self.problems.append(f"{file.relative_to(self.root)}: {what}")

    def content(self, file: Path) -> Any:
        """What a file says; None where it can't be read or says nothing, which is a problem told already."""
        try:
            said = read_yaml(file.read_text(encoding="utf-8-sig"))
            if said is None:
                self.problem(file, "the file is empty")
            return said
        except FileNotFoundError:
            self.problem(file, "the file is missing")
        except (ValueError, OSError) as error:
            self.problem(file, str(error))
        return None

    def model(self, file: Path, said: Any, model: type[Model], at: str = "") -> Model | None:
        """What was read, as a part of the settings; None where it is none, which is a problem told already."""
        if said is None:
            return None
        try:
            return model.model_validate(said)
        except ValidationError as error:
            for fault in faults_of(error, at):
                self.problem(file, fault)
            return None
