"""Machine code where numba is installed; the same lines interpreted where it is not."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

numba: Any
try:
    numba = import_module("numba")
except ImportError:
    numba = None

IS_COMPILED = numba is not None and not numba.config.DISABLE_JIT


def compiled(function: F) -> F:
    """The function as machine code, kept between runs where a cache can be written; without numba the function itself."""
    if numba is None:
        return function
    fast: F
    try:
        fast = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # neither beside the file nor in the home is there a folder to write to
        fast = numba.njit(nogil=True, error_model="numpy")(function)
    return fast
