"""Nets as modules of PyTorch, and back."""

from __future__ import annotations

import copy
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest
from commands import python
from exports import exported_net
from graphs import SOFT
from test_interop import same_net, small_net

from slownet import NetFactory
from slownet.functions import ACTIVATIONS, elu, leaky_relu
from slownet.interop.trials import Trials, gradients_of

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from slownet.interop import from_torch, to_torch, to_torch_program  # noqa: E402
from slownet.interop.torch import GraphNet, MaskedLinear, connections  # noqa: E402
from slownet.interop.torch.modules import MODULES  # noqa: E402


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 60))]
)
def test_modules_have_the_outputs_and_gradients_of_the_net(seed: int) -> None:
    net = exported_net(seed)
    module, trials = to_torch(net), Trials.of(net, seed, [])
    found = module(torch.tensor(trials.prepared, dtype=torch.float64)).tolist()
    for row, (outputs, expected) in enumerate(zip(found, trials.outputs, strict=True)):
        for one, other in zip(outputs, expected, strict=True):
            assert abs(one - other) <= 1e-12 * max(abs(one), abs(other), trials.sizes[row])
    ids = [layer.id for layer in net]
    expected_gradients = gradients_of(net, trials.gradient_rows, trials.coefficients)
    for row, wanted, (matrices, vectors) in zip(
        trials.gradient_rows, trials.coefficients, expected_gradients, strict=True
    ):
        module.zero_grad()
        outputs = module(torch.tensor([row], dtype=torch.float64))[0]
        if not outputs.requires_grad:
            continue  # all is frozen
        (outputs * torch.tensor(wanted, dtype=torch.float64)).sum().backward()
        largest = max([1.0, *(abs(each).max() for each in [*matrices.values(), *vectors.values()])])
        for source, target, linear in connections(module):
            grad = linear.weight.grad
            if grad is None or (ids[source], ids[target]) not in matrices:
                continue
            matrix = matrices[ids[source], ids[target]]
            free = linear.free.numpy() if isinstance(linear, MaskedLinear) else matrix == matrix
            assert (abs(grad.numpy() - matrix)[free] <= 1e-12 * largest).all()


@pytest.mark.parametrize("seed", range(60))
def test_modules_become_the_same_nets_again(seed: int) -> None:
    net = exported_net(seed)
    net.preparation = net.classes = None
    found = from_torch(to_torch(net))
    assert same_net(found, net)
    if type(to_torch(net)) is GraphNet:
        assert [layer.id for layer in found] == [layer.id for layer in net]


def test_modules_are_plain_and_readable() -> None:
    net = NetFactory([4, 3, 2], "elu", seed=0).new()
    assert repr(to_torch(net)) == (
        "Sequential(\n"
        "  (linear1): Linear(in_features=4, out_features=3, bias=True)\n"
        "  (elu1): ELU(alpha=1.0)\n"
        "  (linear2): Linear(in_features=3, out_features=2, bias=True)\n"
        "  (softmax2): Softmax(dim=-1)\n"
        ")"
    )
    assert repr(to_torch(small_net())) == (
        "GraphNet(\n"
        "  (layers): ModuleList(\n"
        "    (0): GraphLayer(\n"
        "      from layers 0\n"
        "      (linears): ModuleList(\n"
        "        (0): MaskedLinear(in_features=2, out_features=3, 5 weights, 1 frozen)\n"
        "      )\n"
        "      (activation): ELU(alpha=1.0)\n"
        "    )\n"
        "    (1): GraphLayer(\n"
        "      from layers 0, 1\n"
        "      (linears): ModuleList(\n"
        "        (0): MaskedLinear(in_features=2, out_features=2, 1 weights)\n"
        "        (1): Linear(in_features=3, out_features=2, bias=False)\n"
        "      )\n"
        "      (activation): Softmax(dim=-1)\n"
        "    )\n"
        "  )\n"
        ")"
    )
    net = NetFactory([4, 3], bias=False, seed=0).new()
    net.layers[1].freeze()
    linear = to_torch(net)[0]
    assert linear.bias is None
    assert not linear.weight.requires_grad
    assert from_torch(to_torch(net)).weight(1, (0, 0)).frozen


def test_every_activation_has_a_module() -> None:
    assert set(MODULES) == set(ACTIVATIONS)
    for activation in (*ACTIVATIONS.values(), elu(0.3), leaky_relu(0.2)):
        net = NetFactory([2, 3, 2], activation, seed=0).new()
        assert from_torch(to_torch(net)).layers[1].function == activation


def test_what_is_frozen_or_missing_stays_so_while_torch_trains() -> None:
    net = small_net()
    module = copy.deepcopy(to_torch(net))
    optimizer = torch.optim.AdamW(module.parameters(), lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        module(torch.ones(4, 2, dtype=torch.float64)).pow(2).sum().backward()
        optimizer.step()
    found = from_torch(module)
    assert [w.id for w in found.weights()] == [w.id for w in net.weights()]
    assert found.weight(1, (1, 1)).value == net.weight(1, (1, 1)).value
    assert found.layers[2].neurons[0].bias == net.layers[2].neurons[0].bias
    assert found.weight(1, (0, 0)).value != net.weight(1, (0, 0)).value
    row = torch.tensor([[0.3, -2.0]], dtype=torch.float64)
    assert found.forward([0.3, -2.0]) == pytest.approx(module(row)[0].tolist(), rel=1e-12)
    again = to_torch(net)
    again.load_state_dict(module.state_dict())
    assert torch.equal(again(row), module(row))


def test_numbers_of_half_the_size() -> None:
    net = NetFactory([3, 4, 1], "tanh", seed=0).new()
    module = to_torch(net, torch.float32)
    assert {each.dtype for each in module.parameters()} == {torch.float32}
    assert module(torch.ones(1, 3))[0].tolist() == pytest.approx(net.forward([1.0] * 3), rel=1e-6)
    value = from_torch(module).weight(1, (0, 0)).value
    assert value == module[0].weight[0, 0].item()
    with pytest.raises(ValueError, match=r"dtype must be torch.float64 or torch.float32"):
        to_torch(net, torch.float16)


def test_modules_of_others_become_nets() -> None:
    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5))
    module = nn.Sequential(
        nn.Flatten(), body, nn.Linear(8, 5, bias=False), nn.Identity(), nn.Linear(5, 3)
    )
    net = from_torch(module.eval(), "softmax")
    assert repr(net) == "Net(4-8-5-3, relu, linear, softmax, 87 weights)"
    assert not any(neuron.has_bias for neuron in net.layers[2])
    row = [0.3, -1.0, 2.0, 0.5]
    expected = module(torch.tensor([row])).softmax(-1)[0].tolist()
    assert net.forward(row) == pytest.approx(expected, rel=1e-5)
    tail = nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(0.3), nn.Linear(2, 1), nn.Sigmoid())
    assert from_torch(tail).layers[1].function == leaky_relu(0.3)


def test_modules_that_stand_twice_are_two_layers() -> None:
    relu, same = nn.ReLU(), nn.Linear(3, 3)
    inner = nn.Sequential(same, relu)
    module = nn.Sequential(nn.Linear(2, 3), relu, inner, inner, same, relu, nn.Linear(3, 1)).double()
    net = from_torch(module)
    assert repr(net) == "Net(2-3-3-3-3-1, relu, relu, relu, relu, linear, 36 weights)"
    expected = module(torch.tensor([[0.5, -1.0]], dtype=torch.float64)).item()
    assert net.forward([0.5, -1.0]) == pytest.approx([expected], rel=1e-12)


class Leaky(nn.LeakyReLU):
    """A class of one's own, with a function of its own."""


class Strange(nn.Module):
    def forward(self, x: Any) -> Any:
        return x


def hooked() -> Any:
    linear = nn.Linear(2, 2)
    linear.register_forward_hook(lambda *_: None)
    return nn.Sequential(linear)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), "1: BatchNorm1d has no counterpart"),
        (lambda: nn.Sequential(nn.Sequential(nn.Conv1d(1, 1, 1))), "0.0: Conv1d has no counterpart"),
        (lambda: nn.Sequential(nn.Linear(2, 2), Strange()), "1: Strange has no counterpart"),
        (Strange, "Strange: Strange has no counterpart"),
        (lambda: nn.Sequential(nn.ReLU()), "0: expected a Linear before each activation, found ReLU"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Tanh()), "2: expected a Linear before"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.GELU()), r'GELU\(approximate="tanh"\)'),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Softplus(2.0)), "beta=1, found beta=2.0"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Softplus(1.0, 2.0)), "threshold of at least 20"),
        (lambda: nn.Sequential(nn.Linear(2, 2), Leaky()), "1: Leaky has no counterpart"),
        (lambda: nn.Sequential(nn.Flatten(0), nn.Linear(2, 2)), "0: Flatten has no counterpart"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Softmax(0)), "dim=0"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.LogSoftmax(-1)), "1: LogSoftmax has no counterpart"),
        (
            lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1)),
            "Linear 2 takes 2 .* gives 3",
        ),
        (lambda: nn.Sequential(nn.Dropout()), "has no Linear"),
        (hooked, "0 has hooks"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Flatten()), "1: Flatten has no counterpart"),
        (lambda: nn.Linear(2, 2, dtype=torch.complex64), "complex numbers"),
        (lambda: nn.Linear(2, 2, device="meta"), "no numbers"),
        (lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), "ParametrizedLinear"),
    ],
)
def test_other_modules_are_refused_by_name(module: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        from_torch(module())


def test_wrong_arguments_are_said() -> None:
    with pytest.raises(TypeError, match="module must be of type Module"):
        from_torch([1.0])
    with pytest.raises(ValueError, match="has one already, 'sigmoid'"):
        from_torch(nn.Sequential(nn.Linear(1, 1), nn.Sigmoid()), "softmax")
    with pytest.raises(ValueError, match="activation 'soft' is a formula of your own"):
        to_torch(NetFactory([1, 1, 1], SOFT).new())


@pytest.mark.parametrize("number", [1e39, math.nan])
def test_numbers_that_do_not_fit_are_said(number: float) -> None:
    net = small_net()
    net.weight(1, (0, 0)).value = number
    message = "finite numbers only" if math.isnan(number) else "weight.0-1: 1e[+]39 is too large for"
    with pytest.raises(ValueError, match=message):
        to_torch(net, torch.float32)


@pytest.mark.long
def test_programs_hold_no_paths(tmp_path: Path) -> None:
    with zipfile.ZipFile(to_torch_program(small_net(), tmp_path / "net.pt2")) as file:
        texts = [file.read(name) for name in file.namelist()]
    assert not any(b"site-packages" in text or b'File "' in text for text in texts)


@pytest.mark.long
def test_programs_run_without_slownet(tmp_path: Path) -> None:
    net = small_net()
    path = to_torch_program(net, tmp_path / "net.pt2")
    code = """
import sys, torch
module = torch.export.load(sys.argv[1]).module()
rows = torch.tensor([[0.5, -1.0]] * 3, dtype=torch.float64)
print(module(rows)[2].tolist(), module(rows[:1]).shape[0])
print([name for name in sys.modules if name.startswith("slownet")], module(rows).requires_grad)
"""
    first, second = python(code, path).splitlines()
    numbers, count = first.rsplit(" ", 1)
    assert eval(numbers) == pytest.approx(net.forward([0.5, -1.0]), rel=1e-12)
    assert (count, second) == ("1", "[] True")
