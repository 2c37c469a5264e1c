"""Net, Layer, Neuron and Weight: the graph; and NetFactory, which builds one.

The loops over these objects, with which a net predicts and learns, are in `slownet.passes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from slownet import building, checked_passes, passes
from slownet.bases import Freezable, Member, Members, NotebookDisplay, Parameter
from slownet.checks import as_float, check_integer, check_number, check_type, digits, short, suggesting
from slownet.errors import DivergedError, InvalidTypeError, InvalidValueError
from slownet.explain_shortcuts import Explainable, LayerShortcuts, NeuronShortcuts, WeightShortcuts
from slownet.functions import (
    INITIALIZERS,
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
from slownet.graph_checks import (
    WeightId,
    check_classes,
    check_ends,
    check_finite,
    check_graph,
    check_weight_id,
    where,
)
from slownet.layers import Dense, Input, check_layers, dense_layers
from slownet.samples import Encoder, LastStep, Preparation, check_weight, read_sample
from slownet.samples.last_step import with_sample, with_update
from slownet.shortcuts import NetShortcuts
from slownet.wiring import Wiring

if TYPE_CHECKING:
    from slownet.recording import OptimizerState

Direction = Literal["in", "out"]
DIRECTIONS: tuple[Direction, Direction] = ("in", "out")


class Weight(Parameter, WeightShortcuts, Member):
    """A connection from one neuron to another: it adds `value` * `source.value` to the other's z.

    Parameters
    ----------
    weight_id : tuple
        (i, j) from neuron i to neuron j of the next layer, ((l, i), (m, j)) between any other layers.
    incoming_neuron : Neuron, optional
        The neuron it goes to.
    outgoing_neuron : Neuron, optional
        The neuron it comes from.
    value : float
        The factor.

    Raises
    ------
    TypeError, ValueError
        If the id is not valid, the value is not a real number, or a neuron does not fit.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> NetFactory([2, 3, 1], seed=0).new().weight(2, (1, 0))
    Weight((1, 0), value=1.16224, grad=0, neuron 1 of layer 1 -> neuron 0 of layer 2)
    """

    __slots__ = ("frozen", "id", "incoming", "keep", "outgoing")

    def __init__(
        self,
        weight_id: WeightId,
        incoming_neuron: Neuron | None = None,
        outgoing_neuron: Neuron | None = None,
        value: float = 0.0,
    ) -> None:
        self.id = check_weight_id(weight_id)
        super().__init__(as_float("value", value))
        self.incoming: Neuron | None = None  # the neuron it goes to
        self.outgoing: Neuron | None = None  # the neuron it comes from
        self.frozen = False  # True: training does not change its value
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
        """Attach the neuron that it goes to; errors as for `Neuron.attach_weight`."""
        check_type("neuron", neuron, Neuron)
        neuron.attach_weight(self, "in")

    def attach_to_outgoing(self, neuron: Neuron) -> None:
        """Attach the neuron that it comes from; errors as for `Neuron.attach_weight`."""
        check_type("neuron", neuron, Neuron)
        neuron.attach_weight(self, "out")

    def remove(self) -> None:
        """Remove it from the net: detach it from both neurons."""
        for neuron, direction in ((self.incoming, "in"), (self.outgoing, "out")):
            if neuron is not None:
                neuron.weights[direction].discard(self.id)
                neuron._graph_changed()
        self.incoming = self.outgoing = None

    def __repr__(self) -> str:
        ends = f"{where(self.outgoing)} -> {where(self.incoming)}"
        frozen = ", frozen" if self.frozen else ""
        return f"Weight({self.id}, value={digits(self.value)}, grad={digits(self.grad)}, {ends}{frozen})"


class Neuron(NeuronShortcuts, Freezable, Member):
    """A neuron: z is the weighted sum of its inputs and its bias, and its value is f(z).

    Parameters
    ----------
    neuron_id : int
        Its id in the layer, from 0; neurons are ordered by it.
    attach_to : Layer, optional
        The layer it belongs to.
    value : float
        The initial value.
    bias : float or None
        The constant in its weighted input; None for a neuron without one.

    Raises
    ------
    TypeError, ValueError
        If the id is not valid or taken in the layer, or a number is not a real one.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> net[1][2]
    Neuron(2, layer 1, bias=0, z=0, value=0, delta=0, 2 in, 1 out)
    """

    __slots__ = (
        *("bias", "bias_frozen", "bias_grad", "delta", "has_bias", "id", "keep", "layer", "value"),
        *("weights", "z"),
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
        self.has_bias = bias is not None  # False: it has none, and training gives it none
        self.bias = 0.0 if bias is None else as_float("bias", bias)  # the constant in its weighted input
        self.bias_frozen = False  # True: training does not change the bias
        self.bias_grad = 0.0  # dL/dbias, added up over the samples of a batch
        self.z = 0.0  # weighted input: bias + sum of weight.value * source.value
        self.value = as_float("value", value)  # activation: f(z)
        self.delta = 0.0  # dL/dz of the last sample
        self.keep = 1.0  # dropout, while a sample trains: 0 if dropped, 1 / (1 - p) if kept
        self.weights: Members[str, Members[WeightId, Weight]]
        self.weights = Members({"in": Members(), "out": Members()})
        if attach_to is not None:
            self.attach_to_layer(attach_to)

    def attach_to_layer(self, layer: Layer) -> None:
        """Add it to a layer; TypeError if it is no Layer, ValueError if the id is taken there."""
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
            raise InvalidValueError(f"direction must be 'in' or 'out', not {short(direction)}")
        end = "incoming" if direction == "in" else "outgoing"
        if getattr(weight, end) is not None:
            raise InvalidValueError(f"{weight} has this end attached already: remove() it first")
        self.weights[direction].add(weight.id, weight, f"weight id at {where(self)}:")
        setattr(weight, end, self)
        try:
            check_ends(weight)
        except InvalidValueError:
            self.weights[direction].discard(weight.id)
            setattr(weight, end, None)
            raise
        self._graph_changed()

    def remove(self) -> None:
        """Remove it from its layer, with all weights into and out of it."""
        self.remove_weights()
        if self.layer is not None:
            self.layer.neurons.discard(self.id)
            self._graph_changed()
            self.layer = None

    def remove_weights(self) -> None:
        """Remove all weights into and out of it."""
        for direction in DIRECTIONS:
            for weight in list(self.weights[direction].values()):
                weight.remove()

    @property
    def learns_bias(self) -> bool:
        """Whether training changes its bias: it has one that is not frozen."""
        return self.has_bias and not self.bias_frozen

    def _set_frozen(self, frozen: bool) -> None:
        self.bias_frozen = frozen
        for weight in self.weights["in"].values():
            weight.frozen = frozen

    def _graph_changed(self) -> None:
        if self.layer is not None and self.layer.net is not None:
            self.layer.net.rewire()

    def __repr__(self) -> str:
        bias, z, value, delta = map(digits, (self.bias, self.z, self.value, self.delta))
        has_bias = self.has_bias or bias not in ("0", "-0")
        bias += " (frozen)" if self.has_bias and self.bias_frozen else ""
        return (
            f"Neuron({self.id}, {where(self.layer)}, {f'bias={bias}' if has_bias else 'no bias'}, "
            f"z={z}, value={value}, delta={delta}, {len(self.weights['in'])} in, "
            f"{len(self.weights['out'])} out)"
        )


class Layer(LayerShortcuts, Freezable, Member):
    """Neurons side by side that share an activation function.

    Parameters
    ----------
    layer_id : int
        Its id in the net, from 0; weights lead from lower to higher ids.
    attach_to : Net, optional
        The net it belongs to.
    activation : str or Activation, optional
        The function from z to value; the input layer has none, elsewhere None means linear.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> [neuron.id for neuron in NetFactory([2, 3, 1], seed=0).new()[1]]
    [0, 1, 2]
    """

    __slots__ = ("_activation", "id", "net", "neurons")

    def __init__(
        self, layer_id: int, attach_to: Net | None = None, activation: str | AnyActivation | None = None
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
        """Add it to a net; TypeError if it is no Net, ValueError if the id is taken there."""
        check_type("net", net, Net)
        net.attach_layer(self)

    def remove(self) -> None:
        """Remove it from its net, with all weights into and out of its neurons."""
        for neuron in self.neurons.values():
            neuron.remove_weights()
        if self.net is not None:
            self.net.layers.discard(self.id)
            self.net.rewire()
            self.net = None

    def attach_neuron(self, neuron: Neuron) -> None:
        """Add a neuron; TypeError if it is no Neuron, ValueError if its id is taken."""
        check_type("neuron", neuron, Neuron)
        if neuron.layer is not None:
            raise InvalidValueError(f"{neuron} is attached to a layer already: attach a new Neuron")
        self.neurons.add(neuron.id, neuron, f"neuron id in {where(self)}:")
        neuron.layer = self
        neuron._graph_changed()

    @property
    def function(self) -> AnyActivation:
        """Its activation, or the linear one where it has none."""
        return self._activation or linear

    def __iter__(self) -> Iterator[Neuron]:
        """Iterate over the neurons by id."""
        for _, neuron in sorted(self.neurons.items()):
            yield neuron

    def __getitem__(self, neuron_id: int) -> Neuron:
        return self.neurons[neuron_id]

    def __len__(self) -> int:
        return len(self.neurons)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        name = self.activation.name if self.activation else "no activation"
        weights = sum(len(neuron.weights["in"]) for neuron in self.neurons.values())
        return f"Layer({self.id}, {len(self)} neurons, {name}, {weights} incoming weights)"


class Net(Explainable, NetShortcuts, Freezable, NotebookDisplay):
    """A neural net: layers of neurons joined by weights, any of which may be changed or removed.

    Attributes
    ----------
    layers : dict
        {layer_id: Layer}; the lowest id is the input layer, the highest the output layer.
    loss, explicit_loss : Loss, Loss or None
        What training minimises, by default by the output activation; and what was set, if anything.
    classes : list or None
        One class label for each output neuron, where they are not simply 0, 1, 2, ...
    preparation : Preparation or None
        What turns rows of a table into inputs, and outputs into the target's unit, for `fit`, `predict`
        and `evaluate`; `forward` and `backward` take its results. See `slownet.preprocessing`.
    seed : int or None
        The seed of the initial weights.
    initializers : list of str or None
        With which a factory drew the weights into each layer after the first; None without them.
    samples : int
        How many samples the gradients are sums over.
    weight_sum, sample_weight : float
        What their losses count together, by which `update` divides, and the last one's alone.
    optimizer_state : OptimizerState or None
        The optimizer's state, of a file, of `warm_start=True` or set by hand; `save` writes it.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> net = NetFactory([2, 3, 1], seed=0).new()
    >>> (output,) = net.forward([0.5, -1.0])
    >>> loss = net.backward(1)
    >>> net.update(0.5)
    >>> net.forward([0.5, -1.0])[0] > output
    True
    """

    __slots__ = (
        *("__weakref__", "_classes", "_last", "_preparation", "_wiring", "explicit_loss"),
        *("initializers", "layers", "optimizer_state", "sample_weight", "samples", "seed", "weight_sum"),
    )

    def __init__(self) -> None:
        self.layers: Members[int, Layer] = Members()
        self._classes: list[Any] | None = None
        self._preparation: Preparation | None = None
        self.seed: int | None = None
        self.initializers: list[str] | None = None
        self.samples, self.weight_sum, self.sample_weight = 0, 0.0, 1.0
        self.optimizer_state: OptimizerState | None = None
        self.explicit_loss: Loss | None = None
        self._wiring: Wiring | None = None
        self._last: LastStep | None = None  # what the numbers of its parts come from

    def attach_layer(self, layer: Layer) -> None:
        """Add a layer; TypeError if it is no Layer, ValueError if its id is taken."""
        check_type("layer", layer, Layer)
        if layer.net is not None:
            raise InvalidValueError(f"{layer} is attached to a net already: attach a new Layer")
        self.layers.add(layer.id, layer, "layer id")
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
        """One class label for each output neuron; set them as a list of different labels."""
        return self._classes

    @classes.setter
    def classes(self, labels: Iterable[Any] | None) -> None:
        self._classes = None if labels is None else check_classes(labels)

    @property
    def preparation(self) -> Preparation | None:
        """What turns the rows of a table into the inputs; set it as a Preparation, or as None."""
        return self._preparation

    @preparation.setter
    def preparation(self, preparation: Preparation | None) -> None:
        if preparation is not None:
            check_type("preparation", preparation, Preparation)
        self._preparation = preparation

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change: weights and biases, frozen ones included."""
        return sum(len(weights) + neuron.has_bias for neuron, weights in self.wiring.parameters())

    @property
    def inputs(self) -> Layer:
        """The input layer: the one with the lowest id."""
        return self._at_end(min)

    @property
    def outputs(self) -> Layer:
        """The output layer: the one with the highest id."""
        return self._at_end(max)

    def _at_end(self, choose: Callable[[Iterable[int]], int]) -> Layer:
        if not self.layers:
            raise InvalidValueError("this net has no layers: attach some, or make a net by NetFactory")
        return self.layers[choose(self.layers)]

    def __iter__(self) -> Iterator[Layer]:
        """Iterate over the layers by id, the input layer first."""
        for _, layer in sorted(self.layers.items()):
            yield layer

    def __getitem__(self, layer_id: int) -> Layer:
        return self.layers[layer_id]

    def __len__(self) -> int:
        return len(self.layers)

    def __bool__(self) -> bool:
        return True

    def neurons(self) -> Iterator[Neuron]:
        """Iterate over all neurons: by layer, then by id."""
        for layer in self:
            yield from layer

    def weights(self) -> Iterator[Weight]:
        """Iterate over all weights: by target neuron, then in the order of attachment."""
        for neuron in self.neurons():
            yield from list(neuron.weights["in"].values())  # a list: they may be removed meanwhile

    def weight(self, layer: int, weight_id: WeightId) -> Weight:
        """Find a weight by the layer it goes to and its id; ValueError if there is none."""
        if check_integer("layer", layer) not in self.layers:
            raise InvalidValueError(f"no layer {short(layer)}: this net has {sorted(self.layers)}")
        weight_id = check_weight_id(weight_id)
        end = weight_id[1]
        target = self.layers[layer].neurons.get(end[1] if isinstance(end, tuple) else end)
        if target is None or weight_id not in target.weights["in"]:
            raise InvalidValueError(
                f"no weight {weight_id} goes to layer {layer}: "
                "weights['in'] of its neurons has those that do"
            )
        return target.weights["in"][weight_id]

    def forward(self, inputs: Sequence[float]) -> list[float]:
        """Send one sample through the net.

        Every neuron's `z` and `value` are filled on the way: z = bias + sum over the incoming weights of
        weight.value * source.value, value = f(z).

        Parameters
        ----------
        inputs : sequence of float
            One number for each input neuron.

        Returns
        -------
        list of float
            The values of the output neurons.

        Raises
        ------
        TypeError, ValueError
            If the inputs are not one number for each input neuron.
        """
        numbers = read_sample(inputs, len(self.wiring.inputs.neurons))
        return list(checked_passes.forward(self.wiring, numbers))

    def backward(self, target: object, weight: float = 1.0) -> float:
        """Compute the gradients of the loss of the last sample that was sent forward.

        Sets `delta` = dL/dz of every neuron, from the output layer back to the first hidden layer, and
        adds dL/dvalue of this sample to the `grad` of every weight and dL/dbias to every `bias_grad`
        (D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating
        errors", Nature 323, 1986).

        Parameters
        ----------
        target : int, str, float or list
            What the outputs should have been: a class label for softmax, 0 or 1 for sigmoid, -1 or +1
            for hinge, a number or a list of numbers for regression (from 0 on for poisson).
        weight : float
            What this sample's loss counts in its batch: L is multiplied by it.

        Returns
        -------
        float
            The loss of this sample, times its weight.

        Raises
        ------
        TypeError, ValueError
            If the target does not fit the loss and the output layer, or the weight is no number from 0.

        Notes
        -----
        A gradient that is set by hand between two samples of a batch must be a float: to look at all of
        them for each sample would take a fifth of the time.
        """
        targets = self.encoder().encode(target)
        wiring = self.wiring
        if not wiring.output.values:
            raise InvalidValueError("nothing to go back from: call forward first")
        if not self.samples:
            wiring.make_gradients_floats()
        self.sample_weight = check_weight("weight", weight)
        loss = checked_passes.backward(wiring, targets, self.loss, sample_weight=self.sample_weight)
        self._last = with_sample(self, targets)
        self.samples, self.weight_sum = self.samples + 1, self.weight_sum + self.sample_weight
        try:
            passes.add_gradients(wiring)
        except Exception as error:  # a gradient was set to a text or a Decimal since the last sample
            wiring.make_gradients_floats()
            raise InvalidTypeError(
                "gradients must be floats while samples add to them: zero_grad() begins the batch again"
            ) from error
        return loss

    def encoder(
        self,
        loss: Loss | None = None,
        classes: Sequence[Any] | None = None,
        preparation: Preparation | None = None,
    ) -> Encoder:
        """Return an encoder, which converts targets into one number for each output neuron.

        Loss and class labels are by default the net's; numbers to predict are scaled by a preparation.
        """
        return Encoder(
            len(self.wiring.output.neurons),
            self.loss if loss is None else loss,
            self.classes if classes is None else classes,
            () if preparation is None else preparation.target_scales,
        )

    def update(self, learning_rate: float) -> None:
        """Take one step of gradient descent: value = value - learning_rate * grad / weight_sum.

        The gradients stay as they are; `zero_grad` starts the next batch. Where the weights of its
        samples add up to 0, nothing changes.

        Raises
        ------
        TypeError, ValueError
            If no sample has been through `backward` since the last `zero_grad`, or the learning rate, a
            weight, a bias or a gradient is no number.
        DivergedError
            If a weight would not stay finite; the net is left as it was.
        """
        if not self.samples:
            raise InvalidValueError("nothing to learn from: call forward and backward first")
        learning_rate = check_number("learning_rate", learning_rate, -inf)
        wiring = self.wiring
        wiring.make_floats()
        wiring.make_gradients_floats()
        if not self.weight_sum:
            return  # the samples of this batch count nothing
        before = [(n, n.bias, weights, [w.value for w in weights]) for n, weights in wiring.parameters()]
        passes.descend(wiring.parameters(), learning_rate, self.weight_sum)
        try:
            check_finite(self)
        except DivergedError:
            for neuron, bias, weights, values in before:
                neuron.bias = bias
                for weight, value in zip(weights, values, strict=True):
                    weight.value = value
            raise
        self._last = with_update(self, learning_rate, before)

    def zero_grad(self) -> None:
        """Set every gradient back to 0, for the next batch."""
        for neuron, weights in self.wiring.parameters():
            neuron.bias_grad = 0.0
            for weight in weights:
                weight.grad = 0.0
        self.wiring.forget_touched()
        self.samples, self.weight_sum = 0, 0.0

    def check_finite(self) -> None:
        """Raise DivergedError, naming the first, if a weight or bias is infinite or not a number.

        If one is no real number but a text, for example, it is a TypeError or ValueError.
        """
        self.wiring.make_floats()
        check_finite(self)

    @property
    def wiring(self) -> Wiring:
        """The net as the passes visit it; internal, for engines and files."""
        if self._wiring is None:
            check_graph(self)
            self._wiring = Wiring(self)
        return self._wiring

    def rewire(self) -> None:
        """Discard `wiring` after a change of the graph: the next use makes and checks it anew."""
        self._wiring = None

    def __repr__(self) -> str:
        if not self.layers:
            return "Net(no layers)"
        sizes = "-".join(str(len(layer)) for layer in self)
        names = ", ".join(layer.function.name for layer in self if layer is not self.inputs)
        weights = sum(1 for _ in self.weights())
        return f"Net({sizes}, {names}, {weights} weights)"


class NetFactory:
    """Builds nets whose layers are fully joined one to the next.

    Parameters
    ----------
    layer_dims : sequence of int
        The number of neurons of each layer, inputs first: `[784, 16, 10]`.
    hidden_activation : str, Activation or list of them
        One for all hidden layers, or one for each; ReLU by default.
    output_activation : str or Activation
        Softmax by default, sigmoid where there is one output.
    initializer : str or Initializer
        The initial weights; by default He normal for ReLU, leaky ReLU and ELU, Glorot uniform otherwise.
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
        If a size, name or seed cannot be used; the message has the reason.

    Examples
    --------
    >>> from slownet import NetFactory
    >>> NetFactory([2, 4, 3], "tanh", seed=0).new()
    Net(2-4-3, tanh, softmax, 20 weights)
    """

    @suggesting
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
        drawn = [self._initializer_of(layer) for layer in list(net)[1:]]
        if all(INITIALIZERS.get(each.name) is each for each in drawn):
            net.initializers = [each.name for each in drawn]
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
        sources, targets = list(layer1), list(layer2)
        if not sources or not targets:
            raise InvalidValueError(f"{layer1} and {layer2} must have neurons: attach some first")
        place = key(net.seed or 0, Use.INITIAL_WEIGHT, layer1.id, layer2.id)
        values = self._initializer_of(layer2).draw(place, len(sources), len(targets))
        ids = [building.weight_ids(sources, target) for target in targets]
        for target, row in zip(targets, ids, strict=True):
            if not target.weights["in"].keys().isdisjoint(row):
                raise InvalidValueError(
                    f"{layer1} and {layer2} are joined already: remove() the weights between them first"
                )
        building.connect(Weight, sources, targets, ids, values)
        net.rewire()

    def _initializer_of(self, layer: Layer) -> Initializer:
        plan = self.layers[layer.id] if layer.id < len(self.layers) else None
        own = plan.initializer if isinstance(plan, Dense) else None
        return get_initializer(own or self.initializer or layer.function.initializer)
