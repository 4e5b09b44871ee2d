"""Options with several values: ``--seeds 0 1 2`` means ``--seeds 0 --seeds 1 --seeds 2``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand


class SeveralValuesCommand(TyperCommand):
    """A typer command whose list options take all words up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        lists = [name for option in self.params if getattr(option, "multiple", False) for name in option.opts]
        return super().parse_args(ctx, spread(args, lists))


def spread(words: Iterable[str], options: Iterable[str]) -> list[str]:
    """Repeat each of `options` before every one of its values.

    >>> spread(["--seeds", "0", "1", "-o", "out"], ["--seeds"])
    ['--seeds', '0', '--seeds', '1', '-o', 'out']
    """
    wanted, spread_out, current, is_first = set(options), list[str](), "", False
    for word in words:
        if word.startswith("-"):
            current, is_first = word if word in wanted else "", True
        elif current and not is_first:
            spread_out.append(current)
        else:
            is_first = False
        spread_out.append(word)
    return spread_out
