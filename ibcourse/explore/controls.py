"""Controls for a figure: live in a lab, at their defaults in the book."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from ibcourse import pip_install
from ibcourse.explore.element import in_book


def interact(f: Callable[..., Any], **controls: Any) -> None:
    """Call ``f`` whenever the reader moves a control.

    In a lab the controls are ipywidgets; ``f`` is called when a control is let go.  In the book, whose pages
    have no kernel, ``f`` is called once at the defaults and a sentence says what the lab moves.

    Parameters
    ----------
    f : callable
        Draws a figure, or returns something to display.
    **controls
        One control a parameter of ``f``: ``(low, high)`` or ``(low, high, step)`` for a slider, a list or a
        mapping for a menu, a bool, a number or a string.  The default is that of ``f``'s parameter if it has
        one; else the middle of the slider, or the first entry of the menu.

    Raises
    ------
    ImportError
        If ipywidgets is not installed, outside the book.
    TypeError
        If a control is of no such kind, or ``f`` has no such parameter.

    Notes
    -----
    Lesson: the lab of every topic.
    """
    inspect.signature(f).bind_partial(**controls)  # a misspelt control fails here, in the book and in the lab
    if in_book():
        _show_once(f, controls)
    else:
        _show_widgets(f, controls)


def default(control: Any, own: Any = inspect.Parameter.empty) -> Any:
    """The value at which a control starts, as ipywidgets chooses it; ``own`` is the default of the parameter.

    Examples
    --------
    >>> default((0, 10)), default((0.0, 1.0, 0.25)), default(["ring", "line"]), default(True)
    (5, 0.5, 'ring', True)
    """
    if isinstance(control, bool | Real | str):
        return control
    if not isinstance(control, Iterable) or (isinstance(control, tuple) and len(control) not in (2, 3)):
        raise TypeError(
            f"The control {control!r} is of no known kind: expected (low, high), (low, high, step), a list, "
            "a mapping, a bool, a number or a string."
        )
    if own is not inspect.Parameter.empty:
        return own
    if isinstance(control, tuple):
        low, high, *step = control
        whole = all(isinstance(x, Integral) for x in control)
        middle = low + ((high - low) // 2 if whole else (high - low) / 2)
        return low + int((middle - low) / step[0]) * step[0] if step else middle
    first = next(iter(control.values() if isinstance(control, Mapping) else control))
    return first[1] if isinstance(first, tuple) else first


def _show_once(f: Callable[..., Any], controls: Mapping[str, Any]) -> None:
    from IPython.display import display

    own = {name: parameter.default for name, parameter in inspect.signature(f).parameters.items()}
    values = {name: default(control, own[name]) for name, control in controls.items()}
    result = f(**values)
    if result is not None:
        display(result)
    if isinstance(result, Figure):
        plt.close(result)
    if "inline" in plt.get_backend():
        plt.show()  # now, so that the words come below the figure
    settings = ", ".join(f"{_words(name)} = {value}" for name, value in values.items())
    print(f"Shown at {settings}. In JupyterLab you move {'this' if len(values) == 1 else 'these'} yourself.")


def _show_widgets(f: Callable[..., Any], controls: Mapping[str, Any]) -> None:
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(f"interact needs ipywidgets: {pip_install('labs')}") from error
    parameters = inspect.signature(f).parameters
    widgets = {}
    for name, control in controls.items():
        default(control)  # one rule for what a control may be
        widget = ipywidgets.interactive.widget_from_abbrev(control, parameters[name].default)
        widget.description = _words(name)
        widget.style.description_width = "initial"  # a long label is not cut
        if widget.has_trait("continuous_update"):
            widget.continuous_update = False  # one call when the slider is let go, not one a pixel
        widgets[name] = widget
    # through **values: else ipywidgets adds a control for every other parameter of f that has a default
    ipywidgets.interact(lambda **values: f(**values), **widgets)


def _words(name: str) -> str:
    return name.replace("_", " ")
