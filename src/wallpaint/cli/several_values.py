"""Options with several values: ``--seeds 0 1 2`` means ``--seeds 0 --seeds 1 --seeds 2``; and with a value or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from typer.core import TyperCommand


class SeveralValuesCommand(TyperCommand):
    """A typer command whose list options take all words up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        lists = [name for option in self.params if getattr(option, "multiple", False) for name in option.opts]
        return super().parse_args(ctx, spread(args, lists))


class PointsCommand(TyperCommand):
    """A typer command whose --keep and --drop take all points that follow, and whose --save-mask may have no value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        points = spread(args, ("--keep", "-k", "--drop", "-d"), re.compile(r"-?\d+,-?\d+").fullmatch)
        return super().parse_args(ctx, with_empty_value(points, "--save-mask"))


def with_empty_value(words: Iterable[str], option: str) -> list[str]:
    """Give an option that is followed by another option, or by nothing, an empty value.

    >>> with_empty_value(["--save-mask", "-c", "tan", "--save-mask"], "--save-mask")
    ['--save-mask=', '-c', 'tan', '--save-mask=']
    """
    given = list(words)
    return [
        f"{word}=" if word == option and (following is None or following.startswith("-")) else word
        for word, following in zip(given, [*given[1:], None], strict=True)
    ]


def spread(
    words: Iterable[str], options: Iterable[str], accepts: Callable[[str], object] = lambda _: True
) -> list[str]:
    """Repeat each of `options` before every one of its values.

    accepts : whether a word can be a further value; the first that cannot ends them.

    >>> spread(["--seeds", "0", "1", "-o", "out"], ["--seeds"])
    ['--seeds', '0', '--seeds', '1', '-o', 'out']
    """
    wanted, spread_out, current, is_first = set(options), list[str](), "", False
    for word in words:
        if word.startswith("-"):
            current, is_first = word if word in wanted else "", True
        elif current and not is_first and accepts(word):
            spread_out.append(current)
        elif not is_first:
            current = ""
        else:
            is_first = False
        spread_out.append(word)
    return spread_out
