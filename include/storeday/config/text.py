"""YAML as plain text: every scalar stays the words that were written, and no key may stand twice.

YAML's own guesses are the classic source of wrong money and wrong codes: 0010 becomes 8, 04:00 becomes
240, 0.05 a float, NO a boolean. Here the settings' types decide what a word means, not the file format.
"""

from __future__ import annotations

from typing import Any, Final

import yaml


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str | None:
    text = str(loader.construct_scalar(node))
    return None if text in {"", "~", "null"} and not node.style else text


def _unique(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a plain text", key_node.start_mark)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _narrowed(base: type[yaml.SafeLoader]) -> type[yaml.SafeLoader]:
    """A loader that reads every scalar as a string, empty as None, and refuses a doubled key."""
    narrow: Any = type(f"Text{base.__name__}", (base,), {})
    narrow.yaml_implicit_resolvers = {}
    narrow.yaml_constructors = {  # no tag of YAML's own, !!float say, makes anything but text either
        "tag:yaml.org,2002:seq": yaml.SafeLoader.construct_yaml_seq,
        None: yaml.SafeLoader.construct_undefined,
    }
    narrow.add_constructor("tag:yaml.org,2002:str", _text)
    narrow.add_constructor("tag:yaml.org,2002:map", _unique)
    made: type[yaml.SafeLoader] = narrow
    return made


_SAYS_WHERE: Final = _narrowed(yaml.SafeLoader)
_FAST: Final = _narrowed(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""libyaml's, where PyYAML has it: every task reads the settings anew, and it takes a twentieth of the time."""


def read_yaml(text: str) -> Any:
    """The content of a YAML file with all scalars as text.

    Raises: ValueError with line and column of what can't be read.
    """
    try:
        return yaml.load(text, Loader=_FAST)  # noqa: S506  # a SafeLoader, made narrower
    except yaml.YAMLError:
        return _in_words(text)


def _in_words(text: str) -> Any:
    """Read once more what libyaml refused: PyYAML's own words say better what is wrong with it."""
    try:
        return yaml.load(text, Loader=_SAYS_WHERE)  # noqa: S506  # a SafeLoader, made narrower
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{where}{error.problem or error}") from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
