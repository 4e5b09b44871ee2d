"""The sampling settings as options of commands, one for each field of `SamplingSettings`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Literal, get_origin

import typer

from wallpaint.diffusion.sampling.settings import SamplingSettings

Parameters = Mapping[str, tuple[Any, Any]]  #: type, annotated with a typer option, and default, by name


def sampling_parameters(panel: str | None = None, *, unset: bool = False) -> Parameters:
    """An option for each sampling setting.

    Parameters
    ----------
    panel : str, optional
        Heading in the command's help.
    unset : bool
        The default is None, for commands whose configuration has the settings.
    """
    parameters = {}
    for name, setting in SamplingSettings.model_fields.items():
        kind: Any = str if get_origin(setting.annotation) is Literal else setting.annotation
        option = typer.Option(help=setting.description, rich_help_panel=panel)
        parameters[name] = (Annotated[kind | None if unset else kind, option], None if unset else setting.default)
    return parameters


def with_parameters(
    command: Callable[..., None], name: str, parameters: Parameters, build: Callable[[dict[str, Any]], Any]
) -> Callable[..., None]:
    """A command in which several parameters stand for one.

    Parameters
    ----------
    command : callable
    name : str
        The command's parameter that is replaced.
    parameters : mapping
        What replaces it.
    build : callable
        Makes the argument `name` of the values of `parameters`.
    """
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in inspect.signature(command, eval_str=True).parameters.values()
        if parameter.name != name
    ]
    more = [
        inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for each, (annotation, default) in parameters.items()
    ]

    @wraps(command)
    def with_options(**values: Any) -> None:
        given = {each: values.pop(each) for each in parameters}
        command(**values, **{name: build(given)})

    with_options.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *more)}
    return with_options
