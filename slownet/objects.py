"""Net, Layer, Neuron and Weight: the graph; and NetFactory, which builds one.

The loops over these objects that make a net think and learn stand in `slownet.passes`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise, repeat
from math import inf, isfinite
from operator import attrgetter, eq
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, SupportsIndex, TypeVar

from slownet.checks import check_integer, check_number, check_type
from slownet.errors import DivergedError, InvalidKeyError, InvalidTypeError, InvalidValueError
from slownet.functions import (
    AnyActivation,
    Initializer,
    Loss,
    get_activation,
    get_initializer,
    get_loss,
    loss_for,
)
from slownet.functions.randomness import Use, check_seed, key, new_seed
from slownet.layers import Dense, Input, check_layers, dense_layers
from slownet.passes import Wiring, descend
from slownet.samples import Encoder

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from slownet.explain import Derivation
    from slownet.functions import Optimizer, Regularizer, Schedule
    from slownet.recording import History, OptimizerState
    from slownet.training import Callback, EarlyStopping, Evaluation

WeightId = tuple[int, int] | tuple[tuple[int, int], tuple[int, int]]
Direction = Literal["in", "out"]
DIRECTIONS: tuple[Direction, Direction] = ("in", "out")
_VALUE, _SOURCE, _ID = attrgetter("value"), attrgetter("outgoing"), attrgetter("id")
Key = TypeVar("Key")
Value = TypeVar("Value")


class Members(dict[Key, Value], Generic[Key, Value]):
    """A dict to read: what is in it changes only by attaching and removing objects."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise InvalidTypeError(
            "this dict follows the graph: attach an object with its attach_to_... method or take it "
            "out with its remove()"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    pop = popitem = clear = update = setdefault = _refuse

    def __missing__(self, key: object) -> NoReturn:
        known = list(self)
        shown = ", ".join(map(repr, known[:6])) + (f", ... ({len(known)})" if len(known) > 6 else "")
        raise InvalidKeyError(f"no {key!r} here: there is {shown or 'nothing'}")

    def _add(self, key: Key, value: Value, what: str) -> None:
        if key in self:
            raise InvalidValueError(f"{what} {key} is taken: remove the other one or use another id")
        dict.__setitem__(self, key, value)

    def _discard(self, key: Key) -> None:
        dict.pop(self, key)


class Member:
    """What is part of a net: it cannot be copied without the rest."""

    __slots__ = ()

    def __copy__(self) -> NoReturn:
        raise InvalidTypeError(f"{self} is part of a net: copy the whole net with net.copy()")

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        self.__copy__()


class Parameter:
    """A number that training changes, and its gradient.

    A class of its own since Python lays the attributes of a base class out first: right behind the
    head of the object, so that a visit to a weight touches one line of the processor's cache.
    """

    __slots__ = ("grad", "value")

    def __init__(self, value: float) -> None:
        self.value = value
        self.grad = 0.0  # dL/dvalue, added up over the samples of a batch


class Weight(Parameter, Member):
    """One connection: what it carries from one neuron to another is `value` times the neuron's value.

    Parameters
    ----------
    weight_id : tuple
        (i, j) from neuron i to neuron j of the next layer, ((l, i), (m, j)) between any other layers.
    incoming_neuron : Neuron, optional
        The neuron it goes to.
    outgoing_neuron : Neuron, optional
        The neuron it comes from.
    value : float
        Its strength.
    """

    __slots__ = ("frozen", "id", "incoming", "keep", "outgoing")

    def __init__(
        self,
        weight_id: WeightId,
        incoming_neuron: Neuron | None = None,
        outgoing_neuron: Neuron | None = None,
        value: float = 0.0,
    ) -> None:
        super().__init__(value)
        self.id = _check_weight_id(weight_id)
        self.incoming: Neuron | None = None  # the neuron it goes to
        self.outgoing: Neuron | None = None  # the neuron it comes from
        self.frozen = False  # True: training leaves its value alone
        self.keep = 1.0  # dropconnect, while a sample trains: 0 if dropped, 1 / (1 - p) if kept
        if outgoing_neuron is not None:
            self.attach_to_outgoing(outgoing_neuron)
        if incoming_neuron is not None:
            try:
                self.attach_to_incoming(incoming_neuron)
            except Exception:
                self.remove()
                raise

    @property
    def source(self) -> Neuron | None:
        """The neuron it comes from: the same as `outgoing`."""
        return self.outgoing

    @property
    def target(self) -> Neuron | None:
        """The neuron it goes to: the same as `incoming`."""
        return self.incoming

    @property
    def has_incoming(self) -> bool:
        """Whether it is attached to a neuron that it goes to."""
        return self.incoming is not None

    @property
    def has_outgoing(self) -> bool:
        """Whether it is attached to a neuron that it comes from."""
        return self.outgoing is not None

    def attach_to_incoming(self, neuron: Neuron) -> None:
        """Let it go to a neuron.

        Raises
        ------
        TypeError
            If it is no Neuron.
        ValueError
            If it goes to a neuron already, the id is taken there, or the two ends do not fit.
        """
        check_type("neuron", neuron, Neuron)
        neuron.attach_weight(self, "in")

    def attach_to_outgoing(self, neuron: Neuron) -> None:
        """Let it come from a neuron; errors as for `attach_to_incoming`."""
        check_type("neuron", neuron, Neuron)
        neuron.attach_weight(self, "out")

    def remove(self) -> None:
        """Take it out of the net: off both its neurons."""
        for neuron, direction in ((self.incoming, "in"), (self.outgoing, "out")):
            if neuron is not None:
                neuron.weights[direction]._discard(self.id)
                neuron._graph_changed()
        self.incoming = self.outgoing = None

    def explain(self) -> Derivation:
        """Derive its gradient for the last sample; see `slownet.explain.explain_weight`."""
        from slownet import explain

        return explain.explain_weight(self)

    def __repr__(self) -> str:
        ends = f"{_where(self.outgoing)} -> {_where(self.incoming)}"
        frozen = ", frozen" if self.frozen else ""
        return f"Weight({self.id}, value={self.value:.6g}, grad={self.grad:.6g}, {ends}{frozen})"

    def _repr_html_(self) -> str:
        from slownet import display

        return display.weight_html(self)


class Neuron(Member):
    """One neuron: it adds up what comes in over its weights and passes on f of the sum.

    Parameters
    ----------
    neuron_id : int
        Its place in the layer, from 0.
    attach_to : Layer, optional
        The layer it belongs to.
    value : float
        The value it starts with.
    bias : float or None
        The constant in its weighted input; None for a neuron without one.
    """

    __slots__ = (
        "_slope",
        "bias",
        "bias_grad",
        "delta",
        "has_bias",
        "id",
        "keep",
        "layer",
        "value",
        "weights",
        "z",
    )

    def __init__(
        self,
        neuron_id: int,
        attach_to: Layer | None = None,
        value: float = 0.0,
        bias: float | None = 0.0,
    ) -> None:
        self.id = check_integer("neuron_id", neuron_id)
        self.layer: Layer | None = None
        self.has_bias = bias is not None  # False: training leaves the bias alone
        self.bias = 0.0 if bias is None else bias  # the constant in its weighted input
        self.bias_grad = 0.0  # dL/dbias, added up over the samples of a batch
        self.z = 0.0  # weighted input: bias + sum of weight.value * source.value
        self.value = value  # activation: f(z)
        self.delta = 0.0  # dL/dz of the last sample
        self.keep = 1.0  # dropout, while a sample trains: 0 if dropped, 1 / (1 - p) if kept
        self.weights: Members[str, Members[WeightId, Weight]] = Members(
            {"in": Members(), "out": Members()}
        )
        self._slope = 0.0  # dL/dvalue of the last sample
        if attach_to is not None:
            self.attach_to_layer(attach_to)

    def attach_to_layer(self, layer: Layer) -> None:
        """Put it into a layer; TypeError if it is no Layer, ValueError if the id is taken there."""
        check_type("layer", layer, Layer)
        layer.attach_neuron(self)

    def attach_weight(self, weight: Weight, direction: Direction) -> None:
        """Attach a weight that comes "in" or goes "out".

        Raises
        ------
        TypeError
            If it is no Weight.
        ValueError
            If the direction is neither, the id is taken, the weight has this end already, or its two
            ends do not fit together.
        """
        check_type("weight", weight, Weight)
        if direction not in ("in", "out"):
            raise InvalidValueError(f"direction must be 'in' or 'out', not {direction!r}")
        if (weight.incoming if direction == "in" else weight.outgoing) is not None:
            raise InvalidValueError(f"{weight} has this end attached already: remove() it first")
        self.weights[direction]._add(weight.id, weight, f"weight id at {_where(self)}:")
        if direction == "in":
            weight.incoming = self
        else:
            weight.outgoing = self
        try:
            _check_ends(weight)
        except InvalidValueError:
            self.weights[direction]._discard(weight.id)
            if direction == "in":
                weight.incoming = None
            else:
                weight.outgoing = None
            raise
        self._graph_changed()

    def remove(self) -> None:
        """Take it out of its layer, with all weights into and out of it."""
        self.remove_weights()
        if self.layer is not None:
            self.layer.neurons._discard(self.id)
            self._graph_changed()
            self.layer = None

    def remove_weights(self) -> None:
        """Remove all weights into and out of it."""
        for direction in DIRECTIONS:
            for weight in list(self.weights[direction].values()):
                weight.remove()

    def explain(self, target: object = None) -> Derivation:
        """Derive z, value and delta, term by term; see `slownet.explain.explain_neuron`."""
        from slownet import explain

        return explain.explain_neuron(self, target)

    def _graph_changed(self) -> None:
        if self.layer is not None and self.layer.net is not None:
            self.layer.net.rewire()

    def __repr__(self) -> str:
        bias = f"bias={self.bias:.6g}" if self.has_bias or self.bias else "no bias"
        return (
            f"Neuron({self.id}, {_where(self.layer)}, {bias}, z={self.z:.6g}, value={self.value:.6g}, "
            f"delta={self.delta:.6g}, {len(self.weights['in'])} in, {len(self.weights['out'])} out)"
        )

    def _repr_html_(self) -> str:
        from slownet import display

        return display.neuron_html(self)


class Layer(Member):
    """Neurons side by side that share an activation function.

    Parameters
    ----------
    layer_id : int
        Its place in the net, from 0; signals run from lower to higher ids.
    attach_to : Net, optional
        The net it belongs to.
    activation : str or Activation, optional
        The function from z to value; none for the input layer, and z itself elsewhere.
    """

    __slots__ = ("_activation", "id", "net", "neurons")

    def __init__(
        self,
        layer_id: int,
        attach_to: Net | None = None,
        activation: str | AnyActivation | None = None,
    ) -> None:
        self.id = check_integer("layer_id", layer_id)
        self.net: Net | None = None
        self.neurons: Members[int, Neuron] = Members()
        self.activation = activation
        if attach_to is not None:
            self.attach_to_net(attach_to)

    @property
    def activation(self) -> AnyActivation | None:
        """The function from z to value; set it by name or as an Activation."""
        return self._activation

    @activation.setter
    def activation(self, which: str | AnyActivation | None) -> None:
        self._activation = None if which is None else get_activation(which)
        if self.net is not None:
            self.net.rewire()

    def attach_to_net(self, net: Net) -> None:
        """Put it into a net; TypeError if it is no Net, ValueError if the id is taken there."""
        check_type("net", net, Net)
        net.attach_layer(self)

    def remove(self) -> None:
        """Take it out of its net, with all weights into and out of its neurons."""
        for neuron in self.neurons.values():
            neuron.remove_weights()
        if self.net is not None:
            self.net.layers._discard(self.id)
            self.net.rewire()
            self.net = None

    def attach_neuron(self, neuron: Neuron) -> None:
        """Put a neuron in; TypeError if it is no Neuron, ValueError if its id is taken."""
        check_type("neuron", neuron, Neuron)
        if neuron.layer is not None:
            raise InvalidValueError(f"{neuron} is attached to a layer already")
        self.neurons._add(neuron.id, neuron, f"neuron id in {_where(self)}:")
        neuron.layer = self
        neuron._graph_changed()

    def __len__(self) -> int:
        return len(self.neurons)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        name = self.activation.name if self.activation else "no activation"
        weights = sum(len(neuron.weights["in"]) for neuron in self.neurons.values())
        return f"Layer({self.id}, {len(self)} neurons, {name}, {weights} incoming weights)"

    def _repr_html_(self) -> str:
        from slownet import display

        return display.layer_html(self)


class Net:
    """A neural net: layers of neurons joined by weights, any of which may be changed or removed.

    Attributes
    ----------
    layers : dict
        {layer_id: Layer}; the lowest id is the input layer, the highest the output layer.
    loss : Loss
        What training makes smaller; by default the loss that belongs to the output activation.
    explicit_loss : Loss or None
        The loss that was set; None if none ever was.
    classes : list or None
        The class labels, one an output neuron, where they are not simply 0, 1, 2, ...
    seed : int or None
        The seed of the initial weights.
    samples : int
        How many samples the gradients have been added up over.
    optimizer_state : OptimizerState or None
        What an optimizer remembers of the weights, where the net was loaded from a file that says so or
        it was set by hand; `save` writes it.
    """

    __slots__ = (
        "__weakref__",
        "_classes",
        "_wiring",
        "explicit_loss",
        "layers",
        "optimizer_state",
        "samples",
        "seed",
    )

    def __init__(self) -> None:
        self.layers: Members[int, Layer] = Members()
        self._classes: list[Any] | None = None
        self.seed: int | None = None
        self.samples = 0
        self.optimizer_state: OptimizerState | None = None
        self.explicit_loss: Loss | None = None
        self._wiring: Wiring | None = None

    def attach_layer(self, layer: Layer) -> None:
        """Put a layer in; TypeError if it is no Layer, ValueError if its id is taken."""
        check_type("layer", layer, Layer)
        if layer.net is not None:
            raise InvalidValueError(f"{layer} is attached to a net already")
        self.layers._add(layer.id, layer, "layer id")
        layer.net = self
        self.rewire()

    @property
    def loss(self) -> Loss:
        """The loss; set it by name or as a Loss."""
        activation = self.wiring.output.activation
        if self.explicit_loss is None:
            return loss_for(activation)
        self.explicit_loss.check(activation)
        return self.explicit_loss

    @loss.setter
    def loss(self, which: str | Loss | None) -> None:
        loss = None if which is None else get_loss(which)
        if loss is not None:
            loss.check(self.wiring.output.activation)
        self.explicit_loss = loss

    @property
    def classes(self) -> list[Any] | None:
        """The class labels, one an output neuron; set them as a list of different labels."""
        return self._classes

    @classes.setter
    def classes(self, labels: Iterable[Any] | None) -> None:
        if labels is None:
            self._classes = None
            return
        if isinstance(labels, (str, bytes, set, frozenset)) or not isinstance(labels, Iterable):
            raise InvalidTypeError(f"classes must be a list of labels in order, not {labels!r}")
        ordered = labels.tolist() if hasattr(labels, "tolist") else list(labels)
        if len(set(ordered)) < len(ordered):
            raise InvalidValueError(f"classes must be different labels, not {ordered!r}")
        self._classes = ordered

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change: weights and biases, frozen ones included."""
        return sum(len(weights) + neuron.has_bias for neuron, weights in self.wiring.parameters())

    def neurons(self) -> Iterator[Neuron]:
        """Iterate over all neurons: by layer, then by id."""
        for _, layer in sorted(self.layers.items()):
            for _, neuron in sorted(layer.neurons.items()):
                yield neuron

    def weights(self) -> Iterator[Weight]:
        """Iterate over all weights: by target neuron, then in the order of attachment."""
        for neuron in self.neurons():
            yield from list(neuron.weights["in"].values())  # a list: they may be removed meanwhile

    def weight(self, layer: int, weight_id: WeightId) -> Weight:
        """Find a weight by the layer it goes to and its id.

        Raises
        ------
        ValueError
            If there is no such layer or weight.
        """
        if layer not in self.layers:
            raise InvalidValueError(f"no layer {layer!r}: this net has {sorted(self.layers)}")
        weight_id = _check_weight_id(weight_id)
        end = weight_id[1]
        target = self.layers[layer].neurons.get(end[1] if isinstance(end, tuple) else end)
        if target is None or weight_id not in target.weights["in"]:
            raise InvalidValueError(f"no weight {weight_id} goes to layer {layer}")
        return target.weights["in"][weight_id]

    def forward(self, inputs: Sequence[float]) -> list[float]:
        """Send one sample through the net.

        Every neuron's `z` and `value` are filled on the way: z = bias + sum over the incoming weights of
        weight.value * source.value, value = f(z).

        Parameters
        ----------
        inputs : sequence of float
            One number an input neuron.

        Returns
        -------
        list of float
            The values of the output neurons.

        Raises
        ------
        TypeError, ValueError
            If the inputs are not one number an input neuron.
        """
        try:
            numbers = [float(number) for number in inputs]
        except (TypeError, ValueError, OverflowError):
            numbers = []
        if not numbers or isinstance(inputs, (str, bytes)):
            raise InvalidTypeError(f"inputs must be one number an input neuron, not {inputs!r}")
        count = len(self.wiring.inputs.neurons)
        if len(numbers) != count:
            raise InvalidValueError(f"got {len(numbers)} inputs for {count} input neurons")
        return list(self.wiring.forward(numbers))

    def backward(self, target: object) -> float:
        """Find out how each number of the net contributed to the loss of the last sample sent forward.

        Fills `delta` = dL/dz of every neuron, from the outputs back to the first hidden layer, and adds
        this sample's dL/dvalue to the `grad` of every weight and dL/dbias to every `bias_grad`
        (D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating
        errors", Nature 323, 1986).

        Parameters
        ----------
        target : int, str, float or list
            What the outputs should have been: a class label for softmax, 0 or 1 for sigmoid, -1 or +1
            for hinge, a number or a list of numbers for regression.

        Returns
        -------
        float
            The loss of this sample.

        Raises
        ------
        TypeError, ValueError
            If the target does not fit the loss and the output layer.
        """
        targets = self.encoder().encode(target)
        if not self.wiring.output.values:
            raise InvalidValueError("nothing to go back from: call forward first")
        self.samples += 1
        return self.wiring.backward(targets, self.loss)

    def encoder(self, loss: Loss | None = None, classes: Sequence[Any] | None = None) -> Encoder:
        """Return what turns targets into one number an output neuron, as the loss wants them.

        Parameters
        ----------
        loss : Loss, optional
            Another one than the net's.
        classes : list, optional
            Other class labels than the net's.
        """
        return Encoder(
            len(self.wiring.output.neurons),
            self.loss if loss is None else loss,
            self.classes if classes is None else classes,
        )

    def update(self, learning_rate: float) -> None:
        """Take one step of gradient descent: value = value - learning_rate * grad / samples.

        The gradients stay as they are; `zero_grad` starts the next batch.

        Raises
        ------
        ValueError
            If no sample has been through `backward` since the last `zero_grad`.
        DivergedError
            If a weight would not stay finite; the net is left as it was.
        """
        if not self.samples:
            raise InvalidValueError("nothing to learn from: call forward and backward first")
        before = [weight.value for weight in self.weights()]
        biases = [neuron.bias for neuron in self.neurons()]
        descend(self.wiring.parameters(), learning_rate, self.samples)
        try:
            self.check_finite()
        except DivergedError:
            for weight, value in zip(self.weights(), before, strict=True):
                weight.value = value
            for neuron, bias in zip(self.neurons(), biases, strict=True):
                neuron.bias = bias
            raise

    def zero_grad(self) -> None:
        """Set every gradient back to 0, for the next batch."""
        for neuron, weights in self.wiring.parameters():
            neuron.bias_grad = 0.0
            for weight in weights:
                weight.grad = 0.0
        self.wiring.forget_touched()
        self.samples = 0

    def check_finite(self) -> None:
        """Raise DivergedError, naming the first, if a weight or bias is infinite or not a number."""
        for neuron in self.neurons():
            for weight in neuron.weights["in"].values():
                if not isfinite(weight.value):
                    raise DivergedError(f"{weight} is not finite", weight=weight)
            if not isfinite(neuron.bias):
                first = next(iter(neuron.weights["in"].values()), None)
                raise DivergedError(f"the bias of {_where(neuron)} is not finite", weight=first)

    def predict(self, X: Any, engine: str = "auto") -> Any:
        """Return the predicted class or number of every sample; see `slownet.training.predict`."""
        from slownet import training

        return training.predict(self, X, engine)

    def predict_proba(self, X: Any, engine: str = "auto") -> Any:
        """Return every sample's class probabilities; see `slownet.training.predict_proba`."""
        from slownet import training

        return training.predict_proba(self, X, engine)

    def evaluate(self, X: Any, y: Any, engine: str = "auto") -> Evaluation:
        """Return the mean loss and, for classes, the accuracy; see `slownet.training.evaluate`."""
        from slownet import training

        return training.evaluate(self, X, y, engine)

    def fit(
        self,
        X: Any,
        y: Any,
        epochs: int = 1,
        batch_size: int = 32,
        learning_rate: float = 0.1,
        optimizer: str | Optimizer = "sgd",
        loss: str | Loss | None = None,
        l1: float = 0.0,
        l2: float = 0.0,
        dropout: float = 0.0,
        dropconnect: float = 0.0,
        schedule: str | Schedule | None = None,
        validation_data: tuple[Any, Any] | None = None,
        shuffle: bool = True,
        seed: int = 0,
        callbacks: Callback | Iterable[Callback] = (),
        progress: bool | Literal["always"] = True,
        snapshots: int | Iterable[int] | None = None,
        watch: tuple[Any, Any] | None = None,
        early_stopping: int | EarlyStopping | None = None,
        engine: str = "auto",
        threads: int = 1,
        regularizers: Iterable[tuple[Regularizer, float]] = (),
        record: str | os.PathLike[str] | None = None,
        source: dict[str, Any] | None = None,
        warm_start: bool = False,
    ) -> History:
        """Train on the samples X and their targets y.

        Parameters
        ----------
        X : (n, inputs) lists, tuples, NumPy array or pandas DataFrame
            The samples, never changed by training. They must not change meanwhile: some engines read
            them only once.
        y : (n,) or (n, outputs)
            The targets; `Net.backward` says which kind each loss takes.
        epochs : int
            How many times to go through all samples.
        batch_size : int
            How many samples share one update; the last batch of an epoch takes what is left.
        learning_rate : float
            The size of a step down the gradient.
        optimizer : str or Optimizer
            "sgd", "rmsprop", "adam", or one made by `slownet.functions.sgd(momentum=0.9)` and so on.
        loss : str or Loss, optional
            Set as `net.loss`, and kept; where none was ever set, the one that belongs to the output
            activation.
        l1, l2 : float
            Strength of the penalties |w| and w^2 / 2 on every weight (not on biases).
        dropout, dropconnect : float
            The share of hidden neurons, of weights, that is left out for each sample; what is kept
            counts 1 / (1 - share), and predictions use everything.
        schedule : str or Schedule, optional
            How the learning rate changes: "constant", "step", "exponential", "cosine".
        validation_data : (X, y), optional
            Evaluated after every epoch.
        shuffle : bool
            Whether every epoch goes through the samples in a new order.
        seed : int
            Decides order, dropout and dropconnect.
        callbacks : Callback or iterable of them
            Told what happens; they see the live net.
        progress : bool or "always"
            A progress bar: True shows it in a terminal or notebook, "always" elsewhere too.
        snapshots : int, iterable of int, or None
            Keep copies of the net: this many, spaced logarithmically, or those at these steps.
        watch : (X, y), optional
            Samples whose every z and value each snapshot keeps.
        early_stopping : int or EarlyStopping, optional
            Stop when the loss has not improved for this many epochs, and put the net back to the best;
            snapshots show the training as it went, up to its last step.
        engine : {"auto", "compiled", "scalar"}
            "scalar" runs the object loops, "compiled" the same loops over arrays, compiled by Numba,
            with the same bits everywhere; "auto" picks what is faster.
        threads : int
            How many threads the compiled engine shares a batch among; two pay from a batch of 32 on. The
            bits do not depend on it.
        regularizers : iterable of (Regularizer, strength)
            More penalties beside l1 and l2.
        record : str or path, optional
            A new file that everything is written into while training goes on, so that nothing is lost:
            `slownet.History.open` reads it, `slownet.resume` goes on from it.
        source : dict, optional
            What X and y were made from, as plain values: kept in the run file for whoever has to make
            them again.

        warm_start : bool
            Whether to go on with what the optimizer remembers in `net.optimizer_state`, and leave it
            there at the end: momentum and Adam then take several calls, or one before `net.save` and one
            after `slownet.load`, for one training. Otherwise they begin anew.

        Returns
        -------
        History
            The loss of every step, a record of every epoch, and the snapshots.

        Raises
        ------
        TypeError, ValueError
            If an argument cannot be used; nothing has been trained then.
        DivergedError
            If the loss or a weight stops being finite; the net holds its last finite state.
        EngineError
            If "compiled" is asked for and cannot be had here, or not for a formula of your own.
        RecordingError
            If the file cannot be written; what is in it is safe, and the net holds its last state.
        """
        from slownet import training

        return training.fit(
            self,
            X,
            y,
            training.Options(
                epochs=epochs,
                batch_size=batch_size,
                learning_rate=learning_rate,
                optimizer=optimizer,
                loss=loss,
                l1=l1,
                l2=l2,
                dropout=dropout,
                dropconnect=dropconnect,
                schedule=schedule,
                validation_data=validation_data,
                shuffle=shuffle,
                seed=seed,
                callbacks=callbacks,
                progress=progress,
                snapshots=snapshots,
                watch=watch,
                early_stopping=early_stopping,
                engine=engine,
                threads=threads,
                regularizers=regularizers,
                record=record,
                source=source,
                warm_start=warm_start,
            ),
        )

    def save(self, path: str | os.PathLike[str], optimizer_state: OptimizerState | None = None) -> Path:
        """Write the net to a JSON file that `slownet.load` reads; see `slownet.recording.save`."""
        from slownet import recording

        return recording.save(self, path, optimizer_state)

    @property
    def wiring(self) -> Wiring:
        """The net made ready for the passes; internal, for engines and files."""
        if self._wiring is None:
            _check_graph(self)
            self._wiring = Wiring(self)
        return self._wiring

    def rewire(self) -> None:
        """Take note that the graph has changed: `wiring` is made anew, and numbers are checked again."""
        self._wiring = None

    def __copy__(self) -> Net:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Net:
        return self.copy()

    def copy(self) -> Net:
        """Return a net of new objects with the same graph and the same numbers."""
        twin = Net()
        twin.classes = self.classes
        twin.seed, twin.samples = self.seed, self.samples
        for layer in self.layers.values():
            new_layer = Layer(layer.id, twin, layer.activation)
            for neuron in layer.neurons.values():
                new = Neuron(neuron.id, new_layer)
                for name in ("has_bias", "bias", "bias_grad", "z", "value", "delta", "keep"):
                    setattr(new, name, getattr(neuron, name))
        weights: dict[Weight, Weight] = {}
        for old, new in zip(self.neurons(), twin.neurons(), strict=True):
            for direction in DIRECTIONS:
                for weight in old.weights[direction].values():
                    if weight not in weights:
                        weights[weight] = fresh = Weight(weight.id, value=weight.value)
                        fresh.grad, fresh.frozen = weight.grad, weight.frozen
                        fresh.keep = weight.keep
                    new.attach_weight(weights[weight], direction)
        twin.explicit_loss = self.explicit_loss
        if self.optimizer_state is not None:
            neurons = zip(self.neurons(), twin.neurons(), strict=True)
            twin.optimizer_state = self.optimizer_state.moved({**weights, **dict(neurons)})
        return twin

    def __repr__(self) -> str:
        if not self.layers:
            return "Net(no layers)"
        sizes = "-".join(str(len(layer)) for _, layer in sorted(self.layers.items()))
        names = [
            layer.activation.name if layer.activation else "linear"
            for _, layer in sorted(self.layers.items())[1:]
        ]
        weights = sum(1 for _ in self.weights())
        return f"Net({sizes}, {', '.join(names)}, {weights} weights)"

    def _repr_html_(self) -> str:
        from slownet import display

        return display.net_html(self)


class NetFactory:
    """Builds nets whose layers are fully joined one to the next.

    Parameters
    ----------
    layer_dims : sequence of int
        The number of neurons of each layer, inputs first: `[784, 16, 10]`.
    hidden_activation : str, Activation or list of them
        For all hidden layers, or one a layer; ReLU by default.
    output_activation : str or Activation
        Softmax by default, sigmoid where there is one output.
    initializer : str or Initializer
        The initial weights; by default He normal for ReLU and its kin, Glorot uniform otherwise.
    bias : bool
        Whether hidden and output neurons have biases, which start at 0.
    seed : int, optional
        Decides the initial weights; None draws one for every net and keeps it in `net.seed`.
    layers : sequence of Input and Dense, optional
        The same layer by layer, instead of `layer_dims` and the activations:
        `[Input(784), ReLU(20), Dense(7, "tanh"), Sigmoid(1)]`.

    Raises
    ------
    TypeError, ValueError
        If a size, name or seed cannot be used; the message says which and why.
    """

    def __init__(
        self,
        layer_dims: Sequence[int] | None = None,
        hidden_activation: str | AnyActivation | Sequence[str | AnyActivation] | None = None,
        output_activation: str | AnyActivation | None = None,
        initializer: str | Initializer | None = None,
        bias: bool = True,
        seed: int | None = None,
        *,
        layers: Sequence[Input | Dense] | None = None,
    ) -> None:
        if (layer_dims is None) == (layers is None):
            raise InvalidTypeError("give NetFactory either layer_dims or layers=[Input(...), ...]")
        if layers is None:
            self.layers = dense_layers(layer_dims, hidden_activation, output_activation, bias)
        elif hidden_activation is not None or output_activation is not None:
            raise InvalidTypeError("with layers=[...], each layer names its own activation")
        else:
            self.layers = list(layers)
        self.initializer = None if initializer is None else get_initializer(initializer)
        self.seed = None if seed is None else check_seed(seed)
        check_layers(self.layers)

    def __repr__(self) -> str:
        return f"NetFactory(layers={self.layers!r}, seed={self.seed})"

    @property
    def layer_dims(self) -> list[int]:
        """The number of neurons of each layer."""
        return [layer.size for layer in self.layers]

    @property
    def num_layers(self) -> int:
        """How many layers its nets have, the input layer included."""
        return len(self.layers)

    def new(self) -> Net:
        """Build a net."""
        net = Net()
        net.seed = new_seed() if self.seed is None else self.seed
        previous: Layer | None = None
        for layer_id, plan in enumerate(self.layers):
            activation = plan.activation if isinstance(plan, Dense) else None
            layer = Layer(layer_id, net, activation)
            bias = 0.0 if isinstance(plan, Dense) and plan.bias else None
            for neuron_id in range(plan.size):
                Neuron(neuron_id, layer, bias=bias)
            if previous is not None:
                self.connect_layers(previous, layer)
            previous = layer
        return net

    def connect_layers(self, layer1: Layer, layer2: Layer) -> None:
        """Join every neuron of one layer to every neuron of a later one, with initial weights.

        Raises
        ------
        TypeError
            If one is no Layer.
        ValueError
            If they are not layers of one net in this order, or two of their neurons are joined already.
        """
        check_type("layer1", layer1, Layer)
        check_type("layer2", layer2, Layer)
        net = layer1.net
        if net is None or net is not layer2.net or layer1.id >= layer2.id:
            raise InvalidValueError(f"{layer1} and {layer2} must be of one net, in this order")
        sources = [neuron for _, neuron in sorted(layer1.neurons.items())]
        targets = [neuron for _, neuron in sorted(layer2.neurons.items())]
        if not sources or not targets:
            raise InvalidValueError(f"{layer1} and {layer2} must have neurons")
        plan = self.layers[layer2.id] if layer2.id < len(self.layers) else None
        suited = layer2.activation.initializer if layer2.activation else "glorot_uniform"
        initializer = get_initializer(
            (plan.initializer if isinstance(plan, Dense) else None) or self.initializer or suited
        )
        place = key(net.seed or 0, Use.INITIAL_WEIGHT, layer1.id, layer2.id)
        values = initializer.draw(place, len(sources), len(targets))
        for target in targets:
            if not target.weights["in"].keys().isdisjoint(_ids(sources, target)):
                raise InvalidValueError(f"{layer1} and {layer2} are joined already")
        with uncollected():
            _join(sources, targets, values)
        net.rewire()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through all the new objects again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _join(sources: list[Neuron], targets: list[Neuron], values: list[list[float]]) -> None:
    """Attach a new weight between every two neurons of two layers; values holds a row a target.

    The weights into one neuron are made one after the other, so that they lie side by side in memory:
    the passes visit them in that order.
    """
    ids = [_ids(sources, target) for target in targets]
    rows = [
        new_weights(target, sources, row_ids, row)
        for target, row_ids, row in zip(targets, ids, values, strict=True)
    ]
    columns = zip(sources, zip(*ids, strict=True), zip(*rows, strict=True), strict=True)
    for source, column_ids, column in columns:
        attach_out(source, column_ids, column)


def new_weights(
    target: Neuron, sources: Sequence[Neuron], ids: Sequence[WeightId], values: Sequence[float]
) -> list[Weight]:
    """Make the weights into a neuron that has none yet, all at once and unchecked.

    `attach_out` must attach them to their sources then.
    """
    row = list(map(Weight.__new__, repeat(Weight, len(sources))))
    for weight, weight_id, value, source in zip(row, ids, values, sources, strict=True):
        weight.id = weight_id
        weight.value = value
        weight.grad = 0.0
        weight.incoming = target
        weight.outgoing = source
        weight.frozen = False
        weight.keep = 1.0
    dict.update(target.weights["in"], zip(ids, row, strict=True))  # Members refuse the plain way
    return row


def attach_out(source: Neuron, ids: Sequence[WeightId], weights: Sequence[Weight]) -> None:
    """Attach weights of `new_weights` to the neuron that they come from, unchecked."""
    dict.update(source.weights["out"], zip(ids, weights, strict=True))


def _ids(sources: list[Neuron], target: Neuron) -> list[WeightId]:
    """Return the ids of the weights from the neurons of one layer to one neuron of a later layer."""
    start, end = sources[0].layer, target.layer
    if start is None or end is None or not _apart(start, end):
        return [(source.id, target.id) for source in sources]
    return [((start.id, source.id), (end.id, target.id)) for source in sources]


def _apart(start: Layer, end: Layer) -> bool:
    """Whether there is a layer between two layers of a net."""
    layers = start.net.layers if start.net else ()
    return end.id - start.id > 1 and any(start.id < other < end.id for other in layers)


def _check_weight_id(weight_id: object) -> WeightId:
    match weight_id:
        case (SupportsIndex() as i, SupportsIndex() as j):
            return i.__index__(), j.__index__()
        case (
            (SupportsIndex() as source_layer, SupportsIndex() as i),
            (SupportsIndex() as target_layer, SupportsIndex() as j),
        ):
            return (
                (source_layer.__index__(), i.__index__()),
                (target_layer.__index__(), j.__index__()),
            )
    raise InvalidTypeError(
        "a weight id must be (i, j), from neuron i to neuron j of the next layer, or ((l, i), (m, j)) "
        f"between other layers, not {weight_id!r}"
    )


def _check_graph(net: Net) -> None:
    """Refuse a net without inputs or outputs, and weights that are not where they should be."""
    ordered = [layer for _, layer in sorted(net.layers.items())]
    if len(ordered) < 2 or not all(layer.neurons for layer in ordered):
        raise InvalidValueError(
            f"a net needs an input and an output layer with neurons in them; this one is {net!r}"
        )
    for previous, layer in pairwise(ordered):
        sources = [neuron for _, neuron in sorted(previous.neurons.items())]
        numbers = [source.id for source in sources]
        for neuron in layer.neurons.values():
            if type(neuron.bias) is not float:
                neuron.bias = check_number(f"the bias of {_where(neuron)}", neuron.bias, -inf)
            weights = neuron.weights["in"].values()
            if not set(map(type, map(_VALUE, weights))) <= {float}:
                for weight in weights:
                    weight.value = check_number(f"the value of weight {weight.id}", weight.value, -inf)
            if list(map(_SOURCE, weights)) != sources or (  # these are fine, and most are like that
                not all(map(eq, map(_ID, weights), zip(numbers, repeat(neuron.id))))
            ):
                for weight in weights:
                    _check_ends(weight, complete=True)
    both = [(neuron.weights["in"], neuron.weights["out"]) for neuron in net.neurons()]
    if sum(len(incoming) for incoming, _ in both) != sum(len(outgoing) for _, outgoing in both):
        for weight in chain.from_iterable(chain(*map(Members.values, pair)) for pair in both):
            _check_ends(weight, complete=True)


def _check_ends(weight: Weight, complete: bool = False) -> None:
    """Refuse a weight that runs backwards, leaves its net or has the id of other neurons.

    A weight under construction is judged only by the ends that are known so far.
    """
    source, target = weight.outgoing, weight.incoming
    start, end = source and source.layer, target and target.layer
    if not (source and target and start and end and start.net and end.net):
        if complete:
            raise InvalidValueError(f"{weight} is not attached to the net at both ends")
        return
    if start.net is not end.net:
        raise InvalidValueError(f"{weight} would join two nets")
    if start.id >= end.id:
        raise InvalidValueError(f"{weight} must go from an earlier to a later layer")
    ids: list[WeightId] = [(source.id, target.id), ((start.id, source.id), (end.id, target.id))]
    if complete:
        ids = ids[1:] if _apart(start, end) else ids[:1]
    if weight.id not in ids:
        raise InvalidValueError(f"{weight} must have the id {' or '.join(map(str, ids))}")


def _where(thing: Neuron | Layer | None) -> str:
    if thing is None:
        return "nowhere"
    if isinstance(thing, Layer):
        return f"layer {thing.id}"
    return f"neuron {thing.id}" + (f" of layer {thing.layer.id}" if thing.layer else "")
