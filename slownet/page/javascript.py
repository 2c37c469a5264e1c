"""Formulas as JavaScript, translated from the Python that trains: each formula is written once."""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import math
from collections.abc import Sequence
from functools import cache, reduce
from itertools import count, pairwise
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from slownet.engines.formula_keys import is_builtin
from slownet.functions import Activation, AnyActivation, Loss, elementary
from slownet.functions.activation import softmax_deltas, softmax_values
from slownet.page.function_trees import UntranslatableError, arguments_of, tree_of
from slownet.page.modules import functions_of
from slownet.plotting.files import for_script

OF_MATH = """
exp expm1 log log1p log2 log10 sqrt pow floor ceil
sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
"""
CALLED = {  # functions that a formula may call, by their names in JavaScript
    **{getattr(math, name): f"Math.{name}" for name in OF_MATH.split()},
    math.fabs: "Math.abs",
    math.frexp: "frexp",
    abs: "Math.abs",
    max: "maximum",
    min: "minimum",
    float: "",
}
EXACT = {"Math.sqrt", "Math.floor", "Math.ceil", "Math.abs"}  # of Math: the same bits everywhere
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "===",
    ast.NotEq: "!==",
    ast.And: "&&",
    ast.Or: "||",
    ast.Not: "!",
}
# of whole numbers below 2^31, which the elementary functions have
ON_INTEGERS: dict[type[ast.AST], str] = {ast.BitAnd: "&", ast.RShift: ">>"}
RESERVED = """
arguments case catch const debugger default delete do enum eval export extends function implements
instanceof interface let new null package private protected public static super switch this throw true
false typeof undefined var void NaN Infinity Math Number Float64Array frexp maximum minimum divided
"""  # names of JavaScript that are free in Python
PARTS = "parts$$"  # of a tuple that is assigned to several names
MOST = 2**53  # up to here every whole number is a float64


class Translator:
    """Translates functions, with the functions that they call.

    Parameters
    ----------
    exact : bool
        Whether the translation must do what Python does to the last bit, errors for a division by 0
        included.

    Attributes
    ----------
    exact : bool
        As above.
    lines : list of str
        The definitions; each stands before those that use it.
    """

    def __init__(self, exact: bool = False) -> None:
        self.exact, self.lines = exact, list[str]()
        self._names: dict[FunctionType, str] = {}
        self._numbers = count()
        self._tables: dict[int, str] = {}  # by the id of the list

    def activation(self, activation: AnyActivation) -> str:
        """Return an activation as an object: `{value(z), derivative(z, value)}`, or of whole layers."""
        name = as_script_text(activation.name)
        if isinstance(activation, Activation):
            value, slope = self.name_of(activation.function), self.name_of(activation.derivative)
            return f"{{name: {name}, value: {value}, derivative: {slope}}}"
        values, deltas = self.name_of(softmax_values), self.name_of(softmax_deltas)
        return f"{{name: {name}, layerValues: {values}, layerDeltas: {deltas}}}"

    def loss(self, loss: Loss, activation: AnyActivation) -> str:
        """Return a loss as an object: `{value(value, target), derivative(value, target), ...}`.

        With its partner as the output activation it has `ofSample(zs, values, targets)`, too.
        """
        value, slope = self.name_of(loss.function), self.name_of(loss.derivative)
        partner = json.dumps(activation is loss.partner)
        about = f"name: {as_script_text(loss.name)}, mean: {json.dumps(loss.mean)}, partner: {partner}"
        of_z = loss.function_of_z(activation)
        of_sample = f", ofSample: {self.name_of(of_z)}" if of_z is not None else ""
        return f"{{{about}, value: {value}, derivative: {slope}{of_sample}}}"

    def name_of(self, function: object) -> str:
        """Return the JavaScript name of a function, which is translated if it is new.

        Raises
        ------
        UntranslatableError
            If it uses more than arithmetic, comparisons, branches and functions of `math`.
        """
        for known, name in CALLED.items():
            if known is function:
                if self.exact and name.startswith("Math.") and name not in EXACT:
                    raise UntranslatableError(
                        f"the last bits of math.{name.removeprefix('Math.')} differ between machines; "
                        f"those of slownet.functions do not"
                    )
                return self.helper(name) if name in _helpers() else name or "Number"
        if not isinstance(function, FunctionType):
            raise UntranslatableError(f"{function!r} is not a function written in Python")
        if function not in self._names:
            # named before it is translated, since it may call itself
            self._names[function] = f"formula{next(self._numbers)}"
            try:
                text = _Function(self, function).text()
            except UntranslatableError:
                del self._names[function]
                raise
            self.lines.append(f"const {self._names[function]} = {text};")
        return self._names[function]

    def helper(self, name: str) -> str:
        """Return the name of what JavaScript has not, which is written down if it is new."""
        if _helpers()[name] not in self.lines:
            self.lines.append(_helpers()[name])
        return name

    def table(self, numbers: Sequence[float]) -> str:
        """Return the JavaScript name of a list of floats, which is written down if it is new."""
        if id(numbers) not in self._tables:
            name = self._tables[id(numbers)] = f"table{len(self._tables)}"
            self.lines.append(f"const {name} = {_float64_array(numbers)};")
        return self._tables[id(numbers)]


class _Function:
    """The translation of one function."""

    def __init__(self, translator: Translator, function: FunctionType) -> None:
        self._translator, self._function = translator, function
        self._node = tree_of(function)
        try:
            closure = inspect.getclosurevars(function)
        except ValueError as error:  # an unassigned name
            raise UntranslatableError(f"{function.__qualname__}: {error}") from error
        self._arguments = [each.arg for each in arguments_of(self._node)]
        self._outer: dict[str, object] = {
            **vars(builtins),
            **function.__globals__,
            **closure.nonlocals,
        }
        self._locals = set(self._arguments)
        self._is_elementary = function.__globals__ is vars(elementary)
        self._operators = OPERATORS | (ON_INTEGERS if self._is_elementary else {})
        self._may_divide_by_0 = translator.exact and not is_builtin(function)

    def text(self) -> str:
        heads, given = [*map(_local, self._arguments)], self._function.__defaults__ or ()
        for place, value in enumerate(given, len(heads) - len(given)):
            heads[place] += f" = {self._known(value, self._node.args)}"
        arguments = ", ".join(heads)
        if isinstance(self._node, ast.Lambda):
            return f"({arguments}) => {self._expression(self._node.body)}"
        assigned = {
            name.id
            for name in ast.walk(self._node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
        self._locals |= assigned
        names = [*map(_local, sorted(assigned - set(self._arguments)))]
        if any(
            isinstance(each, ast.Tuple) and isinstance(each.ctx, ast.Store)
            for each in ast.walk(self._node)
        ):
            names.append(PARTS)
        declared = f"let {', '.join(names)}; " if names else ""
        return f"({arguments}) => {{ {declared}{self._block(self._node.body)} }}"

    def _block(self, statements: list[ast.stmt]) -> str:
        return " ".join(self._statement(each) for each in statements)

    def _statement(self, node: ast.stmt) -> str:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                return ""
            case ast.Return(value=ast.expr() as value):
                return f"return {self._expression(value)};"
            case ast.Assign(targets=[ast.Name() | ast.Subscript() as target], value=value):
                return f"{self._expression(target)} = {self._expression(value)};"
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(
                isinstance(target, ast.Name) for target in targets
            ):
                # by their places: JavaScript's own way takes three times as long
                parts = (f"{self._expression(each)} = {PARTS}[{k}];" for k, each in enumerate(targets))
                return f"{PARTS} = {self._expression(value)}; {' '.join(parts)}"
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                return f"{_local(target.id)} = {self._expression(value)};"
            case ast.AugAssign(target=target, op=ast.Div(), value=value) if self._may_divide_by_0:
                return f"{self._expression(target)} = {self._quotient(target, value)};"
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in OPERATORS:
                return f"{self._expression(target)} {OPERATORS[type(op)]}= {self._expression(value)};"
            case ast.If(test=test, body=body, orelse=orelse):
                other = f" else {{ {self._block(orelse)} }}" if orelse else ""
                return f"if ({self._truth(test)}) {{ {self._block(body)} }}{other}"
            case ast.For(
                target=ast.Name(id=name), iter=ast.Call(func=called, args=ends, keywords=[]), orelse=[]
            ) if 1 <= len(ends) <= 2 and self._value(called) is range:
                index, counter, end = _local(name), f"{name}$$", self._end(ends[-1])
                first = self._expression(ends[0]) if len(ends) == 2 else "0"
                head = f"for (let {counter} = {first}, {name}$$$ = {end}; {counter} < {name}$$$; "
                return f"{head}{counter} += 1) {{ {index} = {counter}; {self._block(node.body)} }}"
            case ast.Break():
                return "break;"
            case ast.Pass():
                return ""
        raise self._refused(node)

    def _end(self, node: ast.expr) -> str:
        """Return the end of a loop: the length of a layer, or a number."""
        match node:
            case ast.Call(func=func, args=[ast.Name(id=whose)]) if self._value(func) is len:
                return f"{_local(whose)}.length"
        return self._expression(node)

    def _expression(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool() as value):
                return "1" if value else "0"
            case ast.Constant(value=int() | float() as value):
                return self._known(value, node)
            case ast.Name(id=name):
                return _local(name) if name in self._locals else self._constant(node)
            case ast.Attribute():
                return self._constant(node)
            case ast.BinOp(left=left, op=ast.Div(), right=right) if self._may_divide_by_0:
                return self._quotient(left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in self._operators:
                sign = self._operators[type(op)]
                return f"({self._expression(left)} {sign} {self._expression(right)})"
            case ast.BinOp(left=left, op=ast.Pow(), right=right) if not self._translator.exact:
                return f"(({self._expression(left)}) ** ({self._expression(right)}))"
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                return f"({OPERATORS[type(op)]}{self._expression(operand)})"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return f"({self._truth(test)} ? {self._expression(body)} : {self._expression(orelse)})"
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return f"Number({self._truth(node)})"
            case ast.BoolOp(op=op, values=values):  # its value is one of them, not a bool
                found = self._expression(values[-1])
                for each in reversed(values[:-1]):
                    branches = (found, self._expression(each))
                    yes, no = branches if isinstance(op, ast.And) else reversed(branches)
                    found = f"({self._truth(each)} ? {yes} : {no})"
                return found
            case ast.Call(func=func, args=args, keywords=[]):
                called = self._translator.name_of(self._value(func))
                if called in ("maximum", "minimum"):
                    return self._nested(called, args)
                return f"{called}({', '.join(self._expression(each) for each in args)})"
            case ast.Tuple(elts=parts):
                return f"[{', '.join(map(self._expression, parts))}]"
            case ast.Starred(value=value):
                return f"...{self._expression(value)}"
            case ast.Subscript(
                value=ast.Name() as whose,
                slice=ast.Slice(lower=None, upper=ast.expr() as end, step=None),
            ):
                return f"{self._list(whose)}.slice(0, {self._expression(end)})"
            case ast.Subscript(value=ast.Name() as whose, slice=which):
                return f"{self._list(whose)}[{self._expression(which)}]"
        raise self._refused(node)

    def _quotient(self, left: ast.expr, right: ast.expr) -> str:
        parts = f"{self._expression(left)}, {self._expression(right)}"
        return f"{self._translator.helper('divided')}({parts})"

    def _nested(self, called: str, args: list[ast.expr]) -> str:
        """Return the largest or smallest of two or more numbers, two at a time."""
        first, *others = map(self._expression, args)
        if not others:
            raise self._refused(args[0])
        return reduce(lambda found, each: f"{called}({found}, {each})", others, first)

    def _list(self, node: ast.Name) -> str:
        """Return a layer's numbers, or a table of built-in formulas: a user's list may change."""
        if node.id in self._locals:
            return _local(node.id)
        found = self._value(node)
        if type(found) is not list or not self._is_elementary:
            raise self._refused(node)
        return self._translator.table(found)

    def _truth(self, node: ast.expr) -> str:
        match node:
            case ast.Compare(left=left, ops=ops, comparators=right) if all(
                type(op) in OPERATORS for op in ops
            ):
                sides = [self._expression(each) for each in (left, *right)]
                pairs = zip(sides, ops, sides[1:], strict=False)
                return f"({' && '.join(f'({a} {OPERATORS[type(op)]} {b})' for a, op, b in pairs)})"
            case ast.BoolOp(op=op, values=values):
                return "(" + f" {OPERATORS[type(op)]} ".join(map(self._truth, values)) + ")"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(!{self._truth(operand)})"
        return f"({self._expression(node)} !== 0)"

    def _constant(self, node: ast.expr) -> str:
        return self._known(self._value(node), node)

    def _known(self, value: object, node: ast.AST) -> str:
        if not isinstance(value, (int, float)) or (abs(value) > MOST and isinstance(value, int)):
            raise self._refused(node)
        return _number(float(value))

    def _value(self, node: ast.expr) -> Any:
        """Return the value of a name outside the function, or of an attribute of a module."""
        if isinstance(node, ast.Name) and node.id in self._outer and node.id not in self._locals:
            return self._outer[node.id]
        if isinstance(node, ast.Attribute):
            module = self._value(node.value)
            if isinstance(module, ModuleType) and hasattr(module, node.attr):
                found = getattr(module, node.attr)
                if isinstance(found, (int, float, FunctionType, BuiltinFunctionType)):
                    return found
        raise self._refused(node)

    def _refused(self, node: ast.AST) -> UntranslatableError:
        name = getattr(self._function, "__qualname__", "a formula")
        return UntranslatableError(f"{name} uses {ast.unparse(node)!r:.80}, which has no translation")


@cache
def _helpers() -> dict[str, str]:
    """Return what JavaScript has not, by name."""
    return functions_of("python.js")


def as_script_text(name: str) -> str:
    """Return a text as JavaScript that may stand in a page."""
    return for_script(json.dumps(name))


def _local(name: str) -> str:
    return f"{name}$" if name in RESERVED.split() or name.startswith(("formula", "table")) else name


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value) if math.copysign(1.0, value) > 0.0 else f"({value!r})"
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "(-Infinity)"


def _float64_array(numbers: Sequence[float]) -> str:
    if all(number == 2.0 * before for before, number in pairwise(numbers)):  # shorter than their digits
        loop = f"for (let k = 0, x = {_number(numbers[0])}; k < table.length; k += 1, x *= 2)"
        made = f"const table = new Float64Array({len(numbers)}); {loop} table[k] = x; return table;"
        return f"(() => {{ {made} }})()"
    return f"Float64Array.of({', '.join(map(_number, numbers))})"


def translated(activations: list[AnyActivation], loss: Loss) -> str:
    """Return the formulas of a net as JavaScript: `const ACTIVATIONS = [...], LOSS = {...};`.

    Raises
    ------
    UntranslatableError
        If a user's own formula uses what has no translation.
    """
    translator = Translator()
    objects = [translator.activation(each) for each in activations]
    judged = translator.loss(loss, activations[-1])
    return "\n".join(
        [*translator.lines, f"const ACTIVATIONS = [{', '.join(objects)}];", f"const LOSS = {judged};"]
    )
