"""YAML as nested dictionaries: strict reading, and replacement of single keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from wallpaint.errors import ConfigError, SettingError

Tree = dict[str, Any]  #: keys, each with a value or a nested tree


class _StrictLoader(yaml.SafeLoader):
    """A YAML loader that refuses a key that occurs twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key_node.value} occurs twice", problem_mark=key_node.start_mark)
            seen.add(str(key_node.value))
        return super().construct_mapping(node, deep)


def parse_tree(file: Path) -> Tree:
    """The keys and values of a YAML file; an empty dictionary if the file is empty.

    Raises
    ------
    ConfigError
        The file cannot be read, or does not contain keys.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _StrictLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(file, f"it is not valid YAML: {_where(error)}. Correct it there.") from None
    except OSError as error:
        raise ConfigError(file, f"it cannot be read: {error.strerror}. Choose another file.") from None
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise ConfigError(file, "it contains no keys. Write a section name, a colon, and the section's keys below it.")
    return _with_names(content)


def parse_value(text: str, option: str) -> Any:
    """The value of a YAML text; raises a `SettingError` with the option's name if the text is not valid YAML."""
    try:
        value = yaml.load(text, _StrictLoader)
    except yaml.YAMLError as error:
        raise SettingError(
            f"{option}: the value is not valid YAML: {_where(error)}. Quote it if it is a text."
        ) from None
    return _with_names(value) if isinstance(value, Mapping) else value


def nested(key: str, value: Any) -> Tree:
    """A tree with one dotted key.

    >>> nested("data.rooms.per_room", 4)
    {'data': {'rooms': {'per_room': 4}}}
    """
    for part in reversed(key.split(".")):
        value = {part: value}
    tree: Tree = value
    return tree


def changed(tree: Mapping[str, Any], by: Mapping[str, Any]) -> Tree:
    """A copy of a tree with the values of some keys replaced.

    >>> changed({"data": {"kind": "rooms", "size": 64}}, {"data": {"size": 128}})
    {'data': {'kind': 'rooms', 'size': 128}}
    """
    result: Tree = dict(tree)
    for key, value in by.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = changed(before, value)
        else:
            result[key] = value
    return result


def _with_names(tree: Mapping[Any, Any]) -> Tree:
    """Keys as strings: YAML reads ``on:`` as a boolean and ``1:`` as a number; as strings they are unknown keys."""
    return {str(key): _with_names(value) if isinstance(value, Mapping) else value for key, value in tree.items()}


def _where(error: Exception) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return str(error).partition("\n")[0]
    mark = error.problem_mark or error.context_mark
    return error.problem or "?" if mark is None else f"{error.problem} in line {mark.line + 1}"
