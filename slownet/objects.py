"""Net, Layer, Neuron and Weight: the graph, and the loops that make it think and learn.

The passes visit Weight objects one by one. The only trick is that neurons which share their sources
share one look at them (`_Fan`), so that the weights of silent sources are not visited in vain.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import compress, pairwise
from math import isfinite
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, SupportsIndex, TypeVar

from slownet.errors import DivergedError, InvalidTypeError, InvalidValueError
from slownet.functions import (
    Activation,
    AnyActivation,
    Initializer,
    Loss,
    get_activation,
    get_initializer,
    get_loss,
    linear,
    loss_for,
)
from slownet.functions.randomness import Use, check_seed, key, new_seed

if TYPE_CHECKING:
    from slownet.functions import Optimizer, Regularizer, Schedule
    from slownet.recording import History
    from slownet.training import Callback, EarlyStopping, Evaluation

WeightId = tuple[int, int] | tuple[tuple[int, int], tuple[int, int]]
Direction = Literal["in", "out"]
DIRECTIONS: tuple[Direction, Direction] = ("in", "out")
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

    def _add(self, key: Key, value: Value, what: str) -> None:
        if key in self:
            raise InvalidValueError(f"{what} {key} is taken: remove the other one or use another id")
        dict.__setitem__(self, key, value)

    def _discard(self, key: Key) -> None:
        dict.pop(self, key)


class Weight:
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

    __slots__ = ("_keep", "frozen", "grad", "id", "incoming", "outgoing", "value")

    def __init__(
        self,
        weight_id: WeightId,
        incoming_neuron: Neuron | None = None,
        outgoing_neuron: Neuron | None = None,
        value: float = 0.0,
    ) -> None:
        self.id = _check_weight_id(weight_id)
        self.value = value  # its strength
        self.grad = 0.0  # dL/dvalue, added up over the samples of a batch
        self.incoming: Neuron | None = None  # the neuron it goes to
        self.outgoing: Neuron | None = None  # the neuron it comes from
        self.frozen = False  # True: training leaves its value alone
        self._keep = 1.0
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
    def keep(self) -> float:
        """Dropconnect: 0 if dropped for the sample in training, 1 / (1 - p) if kept; 1 otherwise."""
        return self._keep

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
        _require(neuron, Neuron, "neuron")
        neuron.attach_weight(self, "in")

    def attach_to_outgoing(self, neuron: Neuron) -> None:
        """Let it come from a neuron; errors as for `attach_to_incoming`."""
        _require(neuron, Neuron, "neuron")
        neuron.attach_weight(self, "out")

    def remove(self) -> None:
        """Take it out of the net: off both its neurons."""
        for neuron, direction in ((self.incoming, "in"), (self.outgoing, "out")):
            if neuron is not None:
                neuron.weights[direction]._discard(self.id)
                neuron._graph_changed()
        self.incoming = self.outgoing = None

    def __repr__(self) -> str:
        ends = f"{_where(self.outgoing)} -> {_where(self.incoming)}"
        frozen = ", frozen" if self.frozen else ""
        return f"Weight({self.id}, value={self.value:.6g}, grad={self.grad:.6g}, {ends}{frozen})"

    def _repr_html_(self) -> str:
        from slownet import display

        return display.weight_html(self)


class Neuron:
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
        "_active",
        "_active_values",
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
        self.id = _check_id(neuron_id, "neuron_id")
        self.layer: Layer | None = None
        self.has_bias = bias is not None  # False: the bias stays 0 and is not trained
        self.bias = 0.0 if bias is None else bias  # the constant in its weighted input
        self.bias_grad = 0.0  # dL/dbias, added up over the samples of a batch
        self.z = 0.0  # weighted input: bias + sum of weight.value * source.value
        self.value = value  # activation: f(z)
        self.delta = 0.0  # dL/dz of the last sample
        self.keep = 1.0  # dropout: 0 if dropped for this sample, 1 / (1 - p) if kept
        self.weights: Members[str, Members[WeightId, Weight]] = Members(
            {"in": Members(), "out": Members()}
        )
        self._active: Sequence[Weight] = ()  # the weights visited by the last forward pass
        self._active_values: Sequence[float] = ()  # and what came in over them
        if attach_to is not None:
            self.attach_to_layer(attach_to)

    def attach_to_layer(self, layer: Layer) -> None:
        """Put it into a layer; TypeError if it is no Layer, ValueError if the id is taken there."""
        _require(layer, Layer, "layer")
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
        _require(weight, Weight, "weight")
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

    def _graph_changed(self) -> None:
        if self.layer is not None and self.layer.net is not None:
            self.layer.net._wiring = None

    def __repr__(self) -> str:
        bias = f"bias={self.bias:.6g}" if self.has_bias else "no bias"
        return (
            f"Neuron({self.id}, {_where(self.layer)}, {bias}, z={self.z:.6g}, value={self.value:.6g}, "
            f"delta={self.delta:.6g}, {len(self.weights['in'])} in, {len(self.weights['out'])} out)"
        )

    def _repr_html_(self) -> str:
        from slownet import display

        return display.neuron_html(self)


class Layer:
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
        self.id = _check_id(layer_id, "layer_id")
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

    def attach_to_net(self, net: Net) -> None:
        """Put it into a net; TypeError if it is no Net, ValueError if the id is taken there."""
        _require(net, Net, "net")
        net.attach_layer(self)

    def attach_neuron(self, neuron: Neuron) -> None:
        """Put a neuron in; TypeError if it is no Neuron, ValueError if its id is taken."""
        _require(neuron, Neuron, "neuron")
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
    classes : list or None
        The class labels, one an output neuron, where they are not simply 0, 1, 2, ...
    seed : int or None
        The seed of the initial weights.
    samples : int
        How many samples the gradients have been added up over.
    """

    def __init__(self) -> None:
        self.layers: Members[int, Layer] = Members()
        self.classes: list[Any] | None = None
        self.seed: int | None = None
        self.samples = 0
        self._loss: Loss | None = None
        self._wiring: _Wiring | None = None
        self._dropconnect = False  # whether the weights' keep is to be looked at

    def attach_layer(self, layer: Layer) -> None:
        """Put a layer in; TypeError if it is no Layer, ValueError if its id is taken."""
        _require(layer, Layer, "layer")
        if layer.net is not None:
            raise InvalidValueError(f"{layer} is attached to a net already")
        self.layers._add(layer.id, layer, "layer id")
        layer.net = self
        self._wiring = None

    @property
    def loss(self) -> Loss:
        """The loss; set it by name or as a Loss."""
        if self._loss is not None:
            return self._loss
        return loss_for(self._wired.output.activation)

    @loss.setter
    def loss(self, which: str | Loss | None) -> None:
        loss = None if which is None else get_loss(which)
        if loss is not None:
            loss.check(self._wired.output.activation)
        self._loss = loss

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change: weights and biases, frozen ones included."""
        return sum(
            len(neuron.weights["in"]) + neuron.has_bias
            for wired in self._wired.layers
            for neuron in wired.neurons
        )

    def neurons(self) -> Iterator[Neuron]:
        """Iterate over all neurons: by layer, then by id."""
        for _, layer in sorted(self.layers.items()):
            for _, neuron in sorted(layer.neurons.items()):
                yield neuron

    def weights(self) -> Iterator[Weight]:
        """Iterate over all weights: by target neuron, then in the order of attachment."""
        for neuron in self.neurons():
            yield from neuron.weights["in"].values()

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
        ValueError
            If the number of inputs is not the number of input neurons.
        """
        count = len(self._wired.inputs)
        if len(inputs) != count:
            raise InvalidValueError(f"got {len(inputs)} inputs for {count} input neurons")
        return self._forward([float(number) for number in inputs])

    def _forward(self, inputs: list[float]) -> list[float]:
        wiring = self._wired
        for neuron, number in zip(wiring.inputs, inputs, strict=True):
            neuron.value = number
        for layer in wiring.layers:
            layer.forward(self._dropconnect)
        return [neuron.value for neuron in wiring.output.neurons]

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
        from slownet.training import encode_target

        return self._backward(encode_target(self, target))

    def _backward(self, targets: list[float]) -> float:
        wiring, loss = self._wired, self.loss
        output = wiring.output
        zs = [neuron.z for neuron in output.neurons]
        values = [neuron.value for neuron in output.neurons]
        deltas = loss.deltas(output.activation, zs, values, targets)
        for neuron, delta in zip(output.neurons, deltas, strict=True):
            neuron.delta = delta
        for layer in reversed(wiring.layers[:-1]):
            layer.backward(self._dropconnect)
        for layer in wiring.layers:
            layer.add_gradients()
        self.samples += 1
        return loss.of_sample(values, targets)

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
        descend(self._wired.parameters(), learning_rate, self.samples)
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
        for neuron, weights in self._wired.parameters():
            neuron.bias_grad = 0.0
            for weight in weights:
                weight.grad = 0.0
        self._wired.forget_touched()
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

    def predict(self, X: Any) -> Any:
        """Return the predicted class or number of every sample; see `slownet.training.predict`."""
        from slownet import training

        return training.predict(self, X)

    def predict_proba(self, X: Any) -> Any:
        """Return every sample's class probabilities; see `slownet.training.predict_proba`."""
        from slownet import training

        return training.predict_proba(self, X)

    def evaluate(self, X: Any, y: Any) -> Evaluation:
        """Return the mean loss and, for classes, the accuracy; see `slownet.training.evaluate`."""
        from slownet import training

        return training.evaluate(self, X, y)

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
        callbacks: Iterable[Callback] = (),
        progress: bool | Literal["always"] = True,
        snapshots: int | Iterable[int] | None = None,
        watch: tuple[Any, Any] | None = None,
        early_stopping: int | EarlyStopping | None = None,
        engine: str = "scalar",
        regularizers: Iterable[tuple[Regularizer, float]] = (),
    ) -> History:
        """Train on the samples X and their targets y.

        Parameters
        ----------
        X : (n, inputs) lists, tuples, NumPy array or pandas DataFrame
            The samples. They are read as they are needed, never changed and never copied as a whole.
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
            Set as `net.loss`; by default the one that belongs to the output activation.
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
        callbacks : iterable of Callback
            Told what happens; they see the live net.
        progress : bool or "always"
            A progress bar: True shows it in a terminal or notebook, "always" elsewhere too.
        snapshots : int, iterable of int, or None
            Keep copies of the net: this many, spaced logarithmically, or those at these steps.
        watch : (X, y), optional
            Samples whose every z and value each snapshot keeps.
        early_stopping : int or EarlyStopping, optional
            Stop when the loss has not improved for this many epochs, and go back to the best.
        engine : str
            "scalar": the object loops.
        regularizers : iterable of (Regularizer, strength)
            More penalties beside l1 and l2.

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
                callbacks=tuple(callbacks),
                progress=progress,
                snapshots=snapshots,
                watch=watch,
                early_stopping=early_stopping,
                engine=engine,
                regularizers=tuple(regularizers),
            ),
        )

    @property
    def _wired(self) -> _Wiring:
        if self._wiring is None:
            self._wiring = _Wiring(self)
        return self._wiring

    def __deepcopy__(self, memo: dict[int, Any]) -> Net:
        return self.copy()

    def copy(self) -> Net:
        """Return a net of new objects with the same graph and the same numbers."""
        twin = Net()
        twin.classes = None if self.classes is None else list(self.classes)
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
                        fresh._keep = weight._keep
                    new.attach_weight(weights[weight], direction)
        twin._loss, twin._dropconnect = self._loss, self._dropconnect
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


@dataclass(frozen=True)
class Dense:
    """A layer for `NetFactory(layers=[...])` that is joined to every neuron of the one before.

    Parameters
    ----------
    size : int
        How many neurons.
    activation : str or Activation
        From z to value.
    initializer : str or Initializer, optional
        The initial weights; by default the one that suits the activation.
    bias : bool
        Whether its neurons have biases.
    """

    size: int
    activation: str | AnyActivation = "linear"
    initializer: str | Initializer | None = None
    bias: bool = True


@dataclass(frozen=True)
class Input:
    """The input layer for `NetFactory(layers=[...])`: how many numbers a sample has."""

    size: int


@dataclass(frozen=True)
class Linear(Dense):
    """A Dense layer without an activation function."""


@dataclass(frozen=True)
class ReLU(Dense):
    """A Dense layer of rectified linear units."""

    activation: str | AnyActivation = "relu"


@dataclass(frozen=True)
class Sigmoid(Dense):
    """A Dense layer of sigmoids."""

    activation: str | AnyActivation = "sigmoid"


@dataclass(frozen=True)
class Tanh(Dense):
    """A Dense layer of hyperbolic tangents."""

    activation: str | AnyActivation = "tanh"


@dataclass(frozen=True)
class Softmax(Dense):
    """A Dense layer whose values are class probabilities."""

    activation: str | AnyActivation = "softmax"


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
            self.layers = _dense_layers(layer_dims, hidden_activation, output_activation, bias)
        elif hidden_activation is not None or output_activation is not None:
            raise InvalidTypeError("with layers=[...], each layer names its own activation")
        else:
            self.layers = list(layers)
        self.initializer = None if initializer is None else get_initializer(initializer)
        self.seed = None if seed is None else check_seed(seed)
        _check_layers(self.layers)

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
        _require(layer1, Layer, "layer1")
        _require(layer2, Layer, "layer2")
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
        for source in sources:
            if not source.weights["out"].keys().isdisjoint(_ids(source, targets)):
                raise InvalidValueError(f"{layer1} and {layer2} are joined already")
        with _uncollected():
            _join(sources, targets, values)
        net._wiring = None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through all the new objects again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _join(sources: list[Neuron], targets: list[Neuron], values: list[float]) -> None:
    """Attach a new weight between every two neurons of two layers; values run source by source."""
    left = iter(values)
    put = dict.__setitem__  # Members refuse the plain way
    incoming = [(target, target.weights["in"]) for target in targets]
    for source in sources:
        outgoing = source.weights["out"]
        for (target, ends), weight_id in zip(incoming, _ids(source, targets), strict=True):
            weight = Weight.__new__(Weight)
            weight.id = weight_id
            weight.value = next(left)
            weight.grad = 0.0
            weight.incoming = target
            weight.outgoing = source
            weight.frozen = False
            weight._keep = 1.0
            put(outgoing, weight_id, weight)
            put(ends, weight_id, weight)


def _ids(source: Neuron, targets: list[Neuron]) -> list[WeightId]:
    """Return the ids of the weights from one neuron to the neurons of one later layer."""
    start, end = source.layer, targets[0].layer
    if start is None or end is None or not _apart(start, end):
        return [(source.id, target.id) for target in targets]
    return [((start.id, source.id), (end.id, target.id)) for target in targets]


def _apart(start: Layer, end: Layer) -> bool:
    """Whether there is a layer between two layers of a net."""
    layers = start.net.layers if start.net else ()
    return end.id - start.id > 1 and any(start.id < other < end.id for other in layers)


def _dense_layers(
    layer_dims: object,
    hidden: str | AnyActivation | Sequence[str | AnyActivation] | None,
    output: str | AnyActivation | None,
    bias: bool,
) -> list[Input | Dense]:
    if not isinstance(layer_dims, Sequence) or isinstance(layer_dims, str):
        raise InvalidTypeError(
            f"layer_dims must be a list of sizes such as [784, 16, 10], not {layer_dims!r}"
        )
    if len(layer_dims) < 2:
        raise InvalidValueError(f"layer_dims needs an input and an output size, not {layer_dims!r}")
    count = len(layer_dims) - 2
    if hidden is None or isinstance(hidden, (str, Activation)) or not isinstance(hidden, Sequence):
        activations = [hidden or "relu"] * count
    elif len(hidden) != count:
        raise InvalidValueError(
            f"got {len(hidden)} hidden activations for {count} hidden layers: give one a layer, or a "
            "single one for all"
        )
    else:
        activations = list(hidden)
    activations.append(output or ("sigmoid" if layer_dims[-1] == 1 else "softmax"))
    return [
        Input(layer_dims[0]),
        *(
            Dense(size, activation, bias=bias)
            for size, activation in zip(layer_dims[1:], activations, strict=True)
        ),
    ]


def _check_layers(layers: list[Input | Dense]) -> None:
    if len(layers) < 2 or not isinstance(layers[0], Input):
        raise InvalidValueError(f"layers must be Input(...) and at least one more, not {layers!r}")
    for layer in layers[1:]:
        if not isinstance(layer, Dense):
            raise InvalidTypeError(f"after Input, every layer must be a Dense, not {layer!r}")
        get_activation(layer.activation)
        if layer.initializer is not None:
            get_initializer(layer.initializer)
    for layer in layers:
        if _check_id(layer.size, "the size of a layer") < 1:
            raise InvalidValueError(f"the size of a layer must be 1 or more, not {layer.size}")


class _Fan:
    """Neurons of one layer whose weights lead to the same far ends in the same order."""

    __slots__ = ("ends", "lines", "numbers", "positions", "touched")

    def __init__(self, ends: tuple[Neuron, ...]) -> None:
        self.ends = ends
        self.lines: list[tuple[Neuron, tuple[Weight, ...]]] = []
        self.positions: Sequence[int] = ()  # the ends that were not silent at the last look
        self.numbers: list[float] = []  # and what was heard from them
        self.touched: set[int] = set()  # the ends whose weights have gradients in this batch

    def look(self, numbers: list[float]) -> tuple[Pick, list[float]]:
        """Find the ends whose number is not 0: a way to pick their weights, and their numbers."""
        self.positions = list(compress(range(len(numbers)), numbers))
        self.numbers = list(compress(numbers, numbers))
        return _picker(self.positions, len(numbers)), self.numbers


class _WiredLayer:
    """A layer made ready for the loops: its neurons in order, grouped by what they are joined to."""

    __slots__ = ("activation", "fans_in", "fans_out", "neurons")

    def __init__(self, layer: Layer) -> None:
        self.activation = layer.activation or linear
        self.neurons = [neuron for _, neuron in sorted(layer.neurons.items())]
        self.fans_in = _fans(self.neurons, "in")
        self.fans_out = _fans(self.neurons, "out")

    def forward(self, dropconnect: bool) -> None:
        """Weighted inputs, then the activation function."""
        for fan in self.fans_in:
            pick, heard = fan.look([source.value for source in fan.ends])
            for neuron, incoming in fan.lines:
                active, values = pick(incoming), heard
                if dropconnect:
                    active, values = _kept(active, heard)
                z = neuron.bias
                for weight, value in zip(active, values, strict=True):
                    z += weight.value * value
                neuron.z = z
                neuron._active, neuron._active_values = active, values
        values = self.activation.values([neuron.z for neuron in self.neurons])
        for neuron, value in zip(self.neurons, values, strict=True):
            neuron.value = value * neuron.keep

    def backward(self, dropconnect: bool) -> None:
        """Deltas of a hidden layer, from those of the neurons that it goes out to."""
        slopes = dict.fromkeys(self.neurons, 0.0)
        for fan in self.fans_out:
            pick, heard = fan.look([target.delta for target in fan.ends])
            for neuron, outgoing in fan.lines:
                active, deltas = pick(outgoing), heard
                if dropconnect:
                    active, deltas = _kept(active, heard)
                slope = 0.0
                for weight, delta in zip(active, deltas, strict=True):
                    slope += weight.value * delta
                slopes[neuron] = slope * neuron.keep
        zs = [neuron.z for neuron in self.neurons]
        values = [neuron.value for neuron in self.neurons]
        if any(neuron.keep != 1.0 for neuron in self.neurons):
            values = self.activation.values(zs)
        deltas = self.activation.deltas(zs, values, list(slopes.values()))
        for neuron, delta in zip(self.neurons, deltas, strict=True):
            neuron.delta = delta

    def add_gradients(self) -> None:
        """Add dL/dweight = delta * source value, and dL/dbias = delta, of the last sample."""
        for fan in self.fans_in:
            fan.touched.update(fan.positions)
        for neuron in self.neurons:
            delta = neuron.delta
            neuron.bias_grad += delta
            if delta:
                for weight, value in zip(neuron._active, neuron._active_values, strict=True):
                    weight.grad += delta * value

    def parameters(self) -> Iterator[Parameters]:
        """Every neuron with all its incoming weights."""
        for fan in self.fans_in:
            yield from fan.lines

    def touched(self) -> Iterator[Parameters]:
        """Every neuron with those incoming weights that can have a gradient in this batch."""
        for fan in self.fans_in:
            pick = _picker(sorted(fan.touched), len(fan.ends))
            for neuron, incoming in fan.lines:
                yield neuron, pick(incoming)

    def steepest(self) -> float:
        """Return a bound for what the last sample has added to any gradient of this layer."""
        values = 1.0  # for the biases
        for fan in self.fans_in:
            values += sum(map(abs, fan.numbers))
        return values * sum([abs(neuron.delta) for neuron in self.neurons])


class _Wiring:
    """The whole graph made ready for the loops; made anew when the graph has changed."""

    __slots__ = ("inputs", "layers", "output")

    def __init__(self, net: Net) -> None:
        ordered = [layer for _, layer in sorted(net.layers.items())]
        if len(ordered) < 2 or not all(layer.neurons for layer in ordered):
            raise InvalidValueError(
                f"a net needs an input and an output layer with neurons in them; this one is {net!r}"
            )
        for previous, layer in pairwise(ordered):
            for neuron in layer.neurons.values():
                for weight in neuron.weights["in"].values():
                    source = weight.outgoing
                    usual = source is not None and source.layer is previous
                    if not usual or weight.id != (source.id, neuron.id):  # type: ignore[union-attr]
                        _check_ends(weight, complete=True)
        dangling = {weight for n in net.neurons() for weight in n.weights["out"].values()}
        for weight in dangling.symmetric_difference(net.weights()):
            _check_ends(weight, complete=True)
        self.inputs = [neuron for _, neuron in sorted(ordered[0].neurons.items())]
        self.layers = [_WiredLayer(layer) for layer in ordered[1:]]
        self.output = self.layers[-1]

    def parameters(self) -> Iterator[Parameters]:
        for layer in self.layers:
            yield from layer.parameters()

    def steepest(self) -> float:
        steepest = 0.0
        for layer in self.layers:
            steepest += layer.steepest()
        return steepest

    def touched(self) -> Iterator[Parameters]:
        for layer in self.layers:
            yield from layer.touched()

    def forget_touched(self) -> None:
        """Start a new batch."""
        for layer in self.layers:
            for fan in layer.fans_in:
                fan.touched.clear()


Parameters = tuple[Neuron, Sequence[Weight]]
Pick = Callable[[Sequence[Weight]], Sequence[Weight]]


def descend(parameters: Iterable[Parameters], learning_rate: float, samples: int) -> None:
    """Gradient descent: every weight and bias goes down its mean gradient."""
    share = 1.0 / samples
    for neuron, weights in parameters:
        for weight in weights:
            if not weight.frozen:
                weight.value -= learning_rate * (share * weight.grad)
        if neuron.has_bias:
            neuron.bias -= learning_rate * (share * neuron.bias_grad)


def _fans(neurons: list[Neuron], direction: Direction) -> list[_Fan]:
    fans: dict[tuple[Neuron, ...], _Fan] = {}
    far_end = "outgoing" if direction == "in" else "incoming"
    for neuron in neurons:
        weights = tuple(neuron.weights[direction].values())
        ends = tuple(map(attrgetter(far_end), weights))
        fans.setdefault(ends, _Fan(ends)).lines.append((neuron, weights))
    return list(fans.values())


def _picker(positions: Sequence[int], count: int) -> Pick:
    if len(positions) == count:
        return lambda weights: weights
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda weights: [weights[position] for position in positions]


def _kept(weights: Sequence[Weight], numbers: list[float]) -> tuple[list[Weight], list[float]]:
    """Leave dropped weights out and let the kept ones count more."""
    kept = [weight for weight in weights if weight._keep]
    scaled = [
        number * weight._keep for weight, number in zip(weights, numbers, strict=True) if weight._keep
    ]
    return kept, scaled


def _require(thing: object, kind: type, name: str) -> None:
    if not isinstance(thing, kind):
        raise InvalidTypeError(f"{name} must be of type {kind.__name__}, not {type(thing).__name__}")


def _check_id(number: object, name: str) -> int:
    if isinstance(number, bool) or not isinstance(number, SupportsIndex):
        raise InvalidTypeError(f"{name} must be an integer, not {type(number).__name__}")
    if number.__index__() < 0:
        raise InvalidValueError(f"{name} must be 0 or more, not {number}")
    return number.__index__()


def _check_weight_id(weight_id: object) -> WeightId:
    match weight_id:
        case (int(i), int(j)) if type(weight_id) is tuple:
            return i, j
        case ((int(l), int(i)), (int(m), int(j))) if type(weight_id) is tuple:
            return (l, i), (m, j)
    raise InvalidTypeError(
        "a weight id must be (i, j), from neuron i to neuron j of the next layer, or ((l, i), (m, j)) "
        f"between other layers, not {weight_id!r}"
    )


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
