"""Translation of functions: arithmetic, comparisons, branches, loops over lists, tuples, and calls."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import re
from collections.abc import Sequence
from functools import reduce
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from slownet.functions import elementary
from slownet.functions.builtin import is_builtin
from slownet.translation.syntax import OF_A_LIBRARY, Signature, Syntax, bare
from slownet.translation.trees import Node, UntranslatableError, arguments_of, node_of

# of whole numbers below 2^31, which the elementary functions have
ON_INTEGERS: dict[type[ast.AST], str] = {ast.BitAnd: "&", ast.RShift: ">>"}
_Kept = tuple[int, int, set[str], dict[FunctionType, str], dict[int, str]]
MOST = 2**53  # up to here every whole number is a float64


class Translator:
    """Translates functions, with the functions that they call.

    Parameters
    ----------
    syntax : Syntax
        The language.

    Attributes
    ----------
    lines : list of str
        The definitions; each stands before those that use it.
    heads : list of str
        Declarations to put before all of them.
    """

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self.lines: list[str] = []
        self.heads: list[str] = []
        self._helpers: set[str] = set()
        self._names: dict[FunctionType, str] = {}
        self._tables: dict[int, str] = {}  # by the id of the list

    def name_of(self, function: object, hint: str = "") -> str:
        """Return the name of a function in the language; it is translated if it is new.

        Parameters
        ----------
        function : callable
            The function.
        hint : str
            What it is called if it has no name of its own.

        Raises
        ------
        UntranslatableError
            If it uses more than arithmetic, comparisons, branches, tuples and functions of `math`.
        """
        for known, name in self.syntax.called:
            if known is function:
                return self.helper(name) if name in self.syntax.helpers else name
        if not isinstance(function, FunctionType):
            raise UntranslatableError(self._refusal(function))
        if function not in self._names:
            # named before it is translated, since it may call itself
            before = self._kept()
            self._names[function] = self._new_name(function, hint)
            try:
                heads, lines = _Function(self, function).heads_and_lines()
            except UntranslatableError:
                self._forget_since(before)
                raise
            self.heads += heads
            self.lines += lines
        return self._names[function]

    def helper(self, name: str) -> str:
        """Return the name of what the language has not, which is written down if it is new."""
        if name not in self._helpers:
            self._helpers.add(name)
            self.lines += self.syntax.helpers[name]
        return name

    def call(self, function: object, arguments: Sequence[str], hint: str = "") -> str:
        """Return a call of a function; errors are those of `name_of`."""
        called, given = self.name_of(function, hint), [*arguments]
        if self.syntax.fills_defaults and isinstance(function, FunctionType):
            missing = function.__code__.co_argcount - len(given)
            defaults = (function.__defaults__ or ())[-missing:] if missing > 0 else ()
            given += [bare(self.syntax.number(each)) for each in defaults]
        return f"{called}({', '.join(given)})"

    def table(self, numbers: Sequence[float]) -> str:
        """Return the name of a list of floats, which is written down if it is new."""
        if id(numbers) not in self._tables:
            name = self._tables[id(numbers)] = f"table{len(self._tables)}"
            self.lines += self.syntax.table(name, numbers)
        return self._tables[id(numbers)]

    def _kept(self) -> _Kept:
        return (
            *(len(self.lines), len(self.heads)),
            *({*self._helpers}, {**self._names}, {**self._tables}),
        )

    def _forget_since(self, before: _Kept) -> None:
        """Take back what was translated since: it may call what has no translation."""
        lines, heads, self._helpers, self._names, self._tables = before
        del self.lines[lines:], self.heads[heads:]

    def _new_name(self, function: FunctionType, hint: str) -> str:
        own = hint if function.__name__ == "<lambda>" and hint else function.__name__
        plain = f"formula_{re.sub('[^A-Za-z0-9_]', '', own).strip('_')}"
        taken = set(self._names.values())
        return next(name for n in range(len(taken) + 1) if (name := f"{plain}{n or ''}") not in taken)

    def _refusal(self, function: object) -> str:
        name = getattr(function, "__name__", "")
        if self.syntax.imprecise and name in OF_A_LIBRARY and isinstance(function, BuiltinFunctionType):
            has = f": slownet.functions.elementary.{name} gives the same bits everywhere"
            return f"math.{name} has no translation to the same bits, since {self.syntax.imprecise}" + (
                has if hasattr(elementary, name) else ""
            )
        return f"{function!r} is not a function written in Python"


class _Function:
    """The translation of one function."""

    def __init__(self, translator: Translator, function: FunctionType) -> None:
        self._translator, self._function = translator, function
        self._syntax = translator.syntax
        self._node: Node = node_of(function)
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
        self._checks_division = bool(self._syntax.divided) and not is_builtin(function)

    def heads_and_lines(self) -> tuple[list[str], list[str]]:
        """Return the declaration and the definition."""
        signature = self._signature()
        return self._syntax.head(signature), self._lines(signature)

    def _lines(self, signature: Signature) -> list[str]:
        if isinstance(self._node, ast.Lambda):
            body = [self._syntax.statement(f"return {self._plain(self._node.body)}")]
            return self._syntax.function(signature, [], body)
        assigned = {
            name.id
            for name in ast.walk(self._node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
        self._locals |= assigned
        names = sorted(map(self._syntax.local, assigned - set(self._arguments)))
        return self._syntax.function(signature, names, self._block(self._node.body))

    def _signature(self) -> Signature:
        nodes = [*ast.walk(self._node)]
        defaults = [self._known(each, self._node.args) for each in self._function.__defaults__ or ()]
        lists = {
            node.value.id
            for node in nodes
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        }
        returns = any(isinstance(node, ast.Return) and node.value is not None for node in nodes)
        return Signature(
            self._translator.name_of(self._function),
            self._arguments,
            defaults,
            lists & set(self._arguments),
            returns or isinstance(self._node, ast.Lambda),
        )

    def _block(self, statements: list[ast.stmt]) -> list[str]:
        return [line for each in statements for line in self._statement(each)]

    def _statement(self, node: ast.stmt) -> list[str]:
        syntax = self._syntax
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                return []
            case ast.Return(value=ast.expr() as value):
                return [syntax.statement(f"return {self._plain(value)}")]
            case ast.Assign(targets=[ast.Name() | ast.Subscript() as target], value=value):
                return [syntax.statement(f"{self._expression(target)} = {self._plain(value)}")]
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(
                isinstance(target, ast.Name) for target in targets
            ):
                parts = self._plain(value) if syntax.has_tuples else self._of_frexp(value)
                return syntax.unpacked([*map(self._expression, targets)], parts)
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                return [syntax.statement(f"{syntax.local(target.id)} = {self._plain(value)}")]
            case ast.AugAssign(target=target, op=ast.Div(), value=value) if self._checks_division:
                text = f"{self._expression(target)} = {self._quotient(target, value)}"
                return [syntax.statement(text)]
            case ast.AugAssign(target=target, op=op, value=value) if type(op) in syntax.operators:
                sign = syntax.operators[type(op)]
                text = f"{self._expression(target)} {sign}= {self._plain(value)}"
                return [syntax.statement(text)]
            case ast.If(test=test, body=body, orelse=orelse):
                return syntax.branch(self._truth(test), self._block(body), self._block(orelse))
            case ast.For(
                target=ast.Name(id=name), iter=ast.Call(func=called, args=ends, keywords=[]), orelse=[]
            ) if 1 <= len(ends) <= 2 and self._value(called) is range:
                first = self._expression(ends[0]) if len(ends) == 2 else "0"
                return syntax.loop(name, first, self._end(ends[-1]), self._block(node.body))
            case ast.Break():
                return [syntax.statement("break")]
        raise self._refused(node)

    def _end(self, node: ast.expr) -> str:
        """Return the end of a loop: the length of a layer, or a number."""
        match node:
            case ast.Call(func=func, args=[ast.Name(id=whose)]) if self._value(func) is len:
                return self._syntax.length(self._syntax.local(whose))
        return self._expression(node)

    def _expression(self, node: ast.expr) -> str:
        syntax = self._syntax
        match node:
            case ast.Constant(value=bool() as value):
                return "1" if value else "0"
            case ast.Constant(value=int() | float() as value):
                return self._number(value, node)
            case ast.Name(id=name):
                return syntax.local(name) if name in self._locals else self._constant(node)
            case ast.Attribute():
                return self._constant(node)
            case ast.BinOp(left=left, right=right) if _has_tuple((left, right)):
                pass
            case ast.BinOp(left=left, op=ast.Div(), right=right) if self._checks_division:
                return self._quotient(left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in syntax.operators:
                sign = syntax.operators[type(op)]
                return f"({self._expression(left)} {sign} {self._expression(right)})"
            case ast.BinOp(left=left, op=op, right=right) if self._is_elementary and (
                type(op) in ON_INTEGERS
            ):
                sign = ON_INTEGERS[type(op)]
                return syntax.bits(self._expression(left), sign, self._expression(right))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                found = syntax.power(self._expression(left), self._expression(right))
                if found is None:
                    raise UntranslatableError(
                        f"{self._refused(node)} to the same bits, since {syntax.imprecise}: write a "
                        "product, or slownet.functions.elementary.power"
                    )
                return found
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                return f"({syntax.operators[type(op)]}{self._expression(operand)})"
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return syntax.choice(self._truth(test), self._expression(body), self._expression(orelse))
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return syntax.as_number(self._truth(node))
            case ast.BoolOp(op=op, values=values):  # its value is one of them, not a bool
                chosen = self._expression(values[-1])
                for each in reversed(values[:-1]):
                    branches = (chosen, self._expression(each))
                    yes, no = branches if isinstance(op, ast.And) else reversed(branches)
                    chosen = syntax.choice(self._truth(each), yes, no)
                return chosen
            case ast.Call(func=func, args=args, keywords=[]):
                return self._call(self._value(func), args)
            case ast.Tuple(elts=parts) if syntax.has_tuples:
                return syntax.tuple_of([*map(self._expression, parts)])
            case ast.Starred(value=value) if syntax.has_tuples:
                return syntax.spread(self._expression(value))
            case ast.Subscript(
                value=ast.Name(id=name), slice=ast.Slice(lower=None, upper=ast.expr() as end, step=None)
            ) if name in self._locals and syntax.has_tuples:
                return syntax.start(syntax.local(name), self._plain(end))
            case ast.Subscript(slice=ast.UnaryOp(op=ast.USub())):
                pass  # from the end, in Python alone
            case ast.Subscript(value=ast.Name() as whose, slice=which):
                return self._item(whose, self._plain(which))
        raise self._refused(node)

    def _plain(self, node: ast.expr) -> str:
        text = self._expression(node)
        return text if isinstance(node, ast.Tuple) else bare(text)

    def _quotient(self, left: ast.expr, right: ast.expr) -> str:
        divided = self._translator.helper(self._syntax.divided)
        return f"{divided}({self._plain(left)}, {self._plain(right)})"

    def _of_frexp(self, node: ast.expr) -> str:
        match node:
            case ast.Call(func=func, args=[given], keywords=[]) if self._value(func) is math.frexp:
                return self._translator.call(math.frexp, [self._plain(given)])
        raise self._refused(node)

    def _call(self, function: Any, args: list[ast.expr]) -> str:
        called = self._translator.name_of(function)
        if function is math.frexp and not self._syntax.has_tuples:
            raise UntranslatableError("what math.frexp returns must be assigned to two names at once")
        if function in (max, min):
            return self._nested(called, args)
        return self._translator.call(function, [*map(self._plain, args)])

    def _nested(self, called: str, args: list[ast.expr]) -> str:
        """Return the largest or smallest of two or more numbers, two at a time."""
        first, *others = map(self._plain, args)
        if not others:
            raise self._refused(args[0])
        return reduce(lambda found, each: f"{called}({found}, {each})", others, first)

    def _item(self, node: ast.Name, index: str) -> str:
        """Return a layer's number, or one of a table of built-in formulas: a user's list may change."""
        if node.id in self._locals:
            return self._syntax.item(self._syntax.local(node.id), index)
        found = self._value(node)
        if type(found) is not list or not self._is_elementary:
            raise self._refused(node)
        return self._syntax.entry(self._translator.table(found), index)

    def _truth(self, node: ast.expr) -> str:
        operators = self._syntax.operators
        match node:
            case ast.Compare(left=left, ops=ops, comparators=right):
                nodes = left, *right
                if not all(type(op) in operators for op in ops) or _has_tuple(nodes):
                    raise self._refused(node)
                sides = [*map(self._expression, nodes)]
                pairs = zip(sides, ops, sides[1:], strict=False)
                tests = [f"({a} {operators[type(op)]} {b})" for a, op, b in pairs]
                return tests[0] if len(tests) == 1 else f"({f' {operators[ast.And]} '.join(tests)})"
            case ast.BoolOp(op=op, values=values):
                return f"({f' {operators[type(op)]} '.join(map(self._truth, values))})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._syntax.negated(self._truth(operand))
        return self._syntax.as_truth(self._expression(node))

    def _constant(self, node: ast.expr) -> str:
        return self._number(self._value(node), node)

    def _number(self, value: object, node: ast.AST) -> str:
        self._known(value, node)
        return self._syntax.number(value)  # type: ignore[arg-type]

    def _known(self, value: object, node: ast.AST) -> float:
        if not isinstance(value, (int, float)) or (abs(value) > MOST and isinstance(value, int)):
            raise self._refused(node)
        return float(value)

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


def _has_tuple(nodes: Sequence[ast.expr]) -> bool:
    """Whether one is a tuple, which other languages add and compare in other ways."""
    return any(isinstance(node, ast.Tuple) for node in nodes)
