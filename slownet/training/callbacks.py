"""Callbacks: objects whose methods `fit` calls, and which may stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from slownet.checks import check_bool, short, unknown_name
from slownet.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from slownet.training.loop import Training

HOOKS = (
    "on_fit_begin",
    "on_epoch_begin",
    "on_step_end",
    "on_progress",
    "on_epoch_end",
    "on_fit_end",
)
KERAS = {  # its names: those here
    "on_train_begin": "on_fit_begin",
    "on_train_end": "on_fit_end",
    "on_batch_end": "on_step_end",
    "on_train_batch_end": "on_step_end",
}


class Callback:
    """A base class for callbacks of `fit`; override the methods you need.

    Each method gets the `Training`, with its `net`, its `history` so far, its `epoch` and its `step`.
    Returning True from a step or epoch method stops the training. Any object that has some of these
    methods can be a callback.

    With `on_step_end`, the compiled engine stops after every step and writes all its numbers to the
    objects. A callback that only shows progress is faster with `on_progress`.

    Attributes
    ----------
    reads_net : bool
        Whether `on_epoch_begin` and `on_epoch_end` read or change the objects of the net. A class that
        sets it to False spares the compiled engine writing all its numbers to them in every epoch.

    Examples
    --------
    The loss is printed after every epoch, and the training stops once it is small:

    >>> from slownet import Callback, NetFactory
    >>> class Enough(Callback):
    ...     def on_epoch_end(self, training):
    ...         loss = training.history.epochs[-1].loss
    ...         print(f"epoch {training.epoch}: loss {loss:.3f}")
    ...         return loss < 0.4
    >>> X, y = [[0.0], [1.0]], [0, 1]
    >>> net = NetFactory([1, 2, 1], seed=0).new()
    >>> net.fit(X, y, epochs=50, learning_rate=4.0, callbacks=Enough()).ended
    epoch 1: loss 0.688
    epoch 2: loss 0.657
    epoch 3: loss 0.570
    epoch 4: loss 0.402
    epoch 5: loss 0.393
    'stopped'
    """

    def on_fit_begin(self, training: Training) -> Any:
        """Handle the start of the training, before its first step.

        Examples
        --------
        >>> class Announce(Callback):
        ...     def on_fit_begin(self, training):
        ...         print(f"{training.net} trains for {training.total_steps} steps")
        """

    def on_epoch_begin(self, training: Training) -> bool | None:
        """Handle the start of an epoch, before its first step.

        Examples
        --------
        Layer 1 learns nothing in the first five epochs:

        >>> class Thaw(Callback):
        ...     def on_epoch_begin(self, training):
        ...         if training.epoch == 1:
        ...             training.net.layers[1].freeze()
        ...         if training.epoch == 6:
        ...             training.net.layers[1].unfreeze()
        """
        return None

    def on_step_end(self, training: Training) -> bool | None:
        """Handle the end of a step: the update is made, and the objects hold the batch's gradients.

        Examples
        --------
        The largest gradient of every step is kept:

        >>> class LargestGradient(Callback):
        ...     def on_fit_begin(self, training):
        ...         self.sizes = []
        ...     def on_step_end(self, training):
        ...         self.sizes.append(max(abs(weight.grad) for weight in training.net.weights()))
        """
        return None

    def on_progress(self, training: Training) -> bool | None:
        """Handle the end of one or more steps, some 20 times a second or after each that takes longer.

        It costs almost no time: `training.step`, the losses in `training.history` and the numbers in
        `training.state()` are up to date, while the net's objects may be older, and changes made to
        them may be lost.

        Examples
        --------
        The training stops after a minute:

        >>> import time
        >>> class OneMinute(Callback):
        ...     def on_fit_begin(self, training):
        ...         self.end = time.monotonic() + 60.0
        ...     def on_progress(self, training):
        ...         return time.monotonic() > self.end
        """
        return None

    def on_epoch_end(self, training: Training) -> bool | None:
        """Handle the end of an epoch and its validation; `training.history.epochs[-1]` is its record.

        Examples
        --------
        After every epoch the smallest tenth of the weights is removed:

        >>> class Prune(Callback):
        ...     def on_epoch_end(self, training):
        ...         training.net.prune(share=0.1)
        """
        return None

    def on_fit_end(self, training: Training) -> Any:
        """Handle the end of the training, unless it ends with an error.

        Examples
        --------
        >>> class Report(Callback):
        ...     def on_fit_end(self, training):
        ...         print(training.history)
        """


def check_callback(callback: object) -> None:
    """Raise TypeError for an object that has none of a callback's methods.

    A `Callback` with a method of Keras is refused with a ValueError: nothing would call it.
    """
    has_methods = any(callable(getattr(callback, hook, None)) for hook in HOOKS)
    if isinstance(callback, type) and has_methods:
        name = callback.__name__
        raise InvalidTypeError(f"a callback is an object, and {name} is its class: give {name}(...)")
    if not has_methods:
        raise InvalidTypeError(
            f"a callback is an object with some of the methods {', '.join(HOOKS)}, not {short(callback)}"
        )
    for name in KERAS:
        if isinstance(callback, Callback) and callable(getattr(callback, name, None)):
            raise unknown_name("hook", name, HOOKS, KERAS)


def check_progress(name: str, value: object) -> bool | Literal["always"]:
    """Return the argument `progress`; ValueError for any other value."""
    if isinstance(value, str) and value == "always":
        return "always"
    try:
        return check_bool(name, value)
    except InvalidTypeError:
        raise InvalidValueError(f"{name} must be True, False or 'always', not {short(value)}") from None


class LambdaCallback(Callback):
    """Calls functions, without a class of one's own.

    Parameters
    ----------
    **hooks : callable
        A function of the training for each method of `Callback` that is to be handled.

    Raises
    ------
    TypeError, ValueError
        If there are none, one is no function of one argument, or a name is none of a callback's
        methods.

    Examples
    --------
    >>> from slownet import LambdaCallback
    >>> stop = LambdaCallback(on_epoch_end=lambda training: training.history.epochs[-1].loss < 0.1)
    """

    def __init__(self, **hooks: Callable[[Training], Any]) -> None:
        for name, function in hooks.items():
            if name not in HOOKS:
                raise unknown_name("hook", name, HOOKS, KERAS)
            setattr(self, name, check_callable(name, function, ("training",)))
        if not hooks:
            raise InvalidTypeError(
                f"LambdaCallback takes a function for at least one of {', '.join(HOOKS)}, and "
                "was given none"
            )
        self._names = list(hooks)

    def __repr__(self) -> str:
        return f"LambdaCallback({', '.join(self._names)})"


def check_callable(name: str, function: Any, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function that takes these arguments; TypeError for anything else."""
    if not callable(function):
        raise InvalidTypeError(f"{name} must be a function, not {short(function)}")
    import inspect

    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        raise InvalidTypeError(
            f"{name} must be a function({', '.join(arguments)}); this one does not take "
            f"{len(arguments)} argument{'s' * (len(arguments) > 1)}"
        ) from None
    except ValueError:  # a builtin without a signature
        pass
    return function  # type: ignore[no-any-return]
