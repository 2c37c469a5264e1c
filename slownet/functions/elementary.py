"""exp, log, tanh, cos and powers from IEEE operations alone: the same bits on every machine.

Only +, -, *, / of float64, comparisons, `floor`, `frexp`, and whole numbers below 2^53 are used. IEEE
754 fixes each of them to the last bit, so no maths library has a say: CPython, Numba (without
fast-math) and JavaScript give the same numbers. Errors are in units in the last place (ulp).

None of the functions raises an error: out of its domain a function gives nan, and what is too large for
a float gives inf, as in NumPy.
"""

from __future__ import annotations

from math import floor, frexp, inf, isqrt, nan

STEPS = 128  # of the table of powers of 2 between 1 and 2


def _powers_of_two(bits: int = 256) -> tuple[list[float], list[float]]:
    """Return 2^(j/128) for j = 0 to 127, each as the sum of two floats, from whole numbers alone."""
    one = 1 << bits
    root = 2 * one
    for _ in range(7):
        root = isqrt(root * one)
    nearest, rest, power = [], [], one
    for _ in range(STEPS):
        near = power / one  # the division of whole numbers rounds right
        numerator, denominator = near.as_integer_ratio()
        nearest.append(near)
        rest.append((power * denominator - numerator * one) / (denominator * one))
        power = power * root // one
    return nearest, rest


_POWER, _REST = _powers_of_two()
_SCALE = [2.0**m for m in range(-1022, 1024)]  # 2^m stands at m + 1022
_PER_LN2 = STEPS / 0.6931471805599453
_LN2_HIGH, _LN2_LOW = 0.69314718036912381649, 1.90821492927058770002e-10  # the first has 32 bits
_STEP_HIGH, _STEP_LOW = _LN2_HIGH / STEPS, _LN2_LOW / STEPS
# 1 / n!: the terms of the series
_C3, _C4, _C5, _C6, _C7, _C8 = 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320
_C9, _C10, _C11, _C12 = 1 / 362880, 1 / 3628800, 1 / 39916800, 1 / 479001600
_C13, _C14, _C15 = 1 / 6227020800, 1 / 87178291200, 1 / 1307674368000
_C16, _C17 = 1 / 20922789888000, 1 / 355687428096000
_PER_HALF_PI = 0.6366197723675814
# pi/2 in three parts of 33 bits and what is left: products with whole numbers below 2^20 are exact
_HALF_PI_1, _HALF_PI_2 = 1.5707963267341256, 6.077100506303966e-11
_HALF_PI_3, _HALF_PI_REST = 2.0222662487111665e-21, 8.4784276603689e-32
_LARGEST_ANGLE = 823549.0  # below 2^19 pi/2
_SQRT_HALF = 0.7071067811865476


def exp(x: float) -> float:
    """Return e^x.

    x = k ln(2)/128 + r with a whole k and |r| < 0.0028 (W. Cody and W. Waite, "Software Manual for the
    Elementary Functions", 1980). With k = 128 m + j, e^x = 2^m 2^(j/128) e^r: a table, and five terms of
    the series of e^r (P. Tang, "Table-driven implementation of the exponential function in IEEE
    floating-point arithmetic", ACM TOMS 15, 1989).

    Error: below 0.52 ulp for x from -708 to 709; below 2 ulp beyond, where it is the square of e^(x/2).

    Examples
    --------
    >>> from slownet import functions
    >>> functions.exp(1.0)
    2.718281828459045
    """
    is_far = not -708.0 < x < 709.0
    if is_far:
        if not abs(x) < 1400.0:
            return 0.0 if x < 0.0 else x * inf
        x = 0.5 * x
    k = floor(x * _PER_LN2 + 0.5)
    r = (x - k * _STEP_HIGH) - k * _STEP_LOW
    j = k & 127
    power = _POWER[j]
    p = r + r * r * (0.5 + r * (_C3 + r * (_C4 + r * _C5)))
    y = (power + (_REST[j] + power * p)) * _SCALE[(k >> 7) + 1022]
    return y * y if is_far else y


def expm1(x: float) -> float:
    """Return e^x - 1 without cancellation: the table and the series of `exp`, with one more term.

    Error: below 2 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.expm1(1e-10)
    1.00000000005e-10
    """
    if not -38.0 < x < 709.0:
        return -1.0 if x < 0.0 else exp(x)
    k = floor(x * _PER_LN2 + 0.5)
    r = (x - k * _STEP_HIGH) - k * _STEP_LOW
    j = k & 127
    power = _POWER[j]
    scale = _SCALE[(k >> 7) + 1022]
    p = r + r * r * (0.5 + r * (_C3 + r * (_C4 + r * (_C5 + r * _C6))))
    if k == 0:
        return p
    return (scale * power - 1.0) + scale * (_REST[j] + power * p)


def tanh(x: float) -> float:
    """Return the hyperbolic tangent.

    x + x g P(g) / Q(g) with g = x^2 below 0.55, and 1 - 2 / (e^2x + 1) above (W. Cody and W. Waite,
    1980, chapter 13, with its coefficients).

    Error: below 1.5 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.tanh(0.5)
    0.4621171572600098
    """
    size = abs(x)
    if size < 0.55:
        g = x * x
        p = ((-0.96437492777225469787 * g - 99.225929672236083313) * g - 1613.4119023996228053) * g
        q = ((g + 112.74474380534949335) * g + 2233.7720718962312926) * g + 4840.2357071988688686
        return x + x * (p / q)
    if not size < 20.0:
        return x if size != size else 1.0 if x > 0.0 else -1.0
    t = 1.0 - 2.0 / (exp(2.0 * size) + 1.0)
    return -t if x < 0.0 else t


def log(x: float) -> float:
    """Return the natural logarithm; -inf at 0, nan below.

    x = 2^e (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); then ln(1 + f) = 2 artanh(s) with
    s = f / (2 + f), by the polynomial in s^2 of K. Ng's fdlibm (Sun Microsystems, 1993, e_log.c).

    Error: below 1 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.log(10.0)
    2.302585092994046
    """
    if not 0.0 < x < inf:
        return -inf if x == 0.0 else x if x > 0.0 else nan
    m, e = frexp(x)
    if m < _SQRT_HALF:
        m = 2.0 * m
        e -= 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = z * (
        0.6666666666666735130
        + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591))
    )
    even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332))
    half = 0.5 * f * f
    return e * _LN2_HIGH - ((half - (s * (half + (even + odd)) + e * _LN2_LOW)) - f)


def log1p(x: float) -> float:
    """Return ln(1 + x); -inf at -1, nan below. What 1 + x loses by rounding is added to first order.

    Error: below 2 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.log1p(1e-10)
    9.999999999500001e-11
    """
    u = 1.0 + x
    if not 0.0 < u < inf:
        return log(u)
    return log(u) + (x - (u - 1.0)) / u


def sin(x: float) -> float:
    """Return the sine of x radians, and nan beyond 823,549; see `cos`. Error: below 1 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.sin(1.0)
    0.8414709848078965
    """
    return _circular(x, 0)


def cos(x: float) -> float:
    """Return the cosine of x radians, and nan beyond 823,549, where no angle is worth that name.

    x = k pi/2 + r with a whole k and |r| < 0.79, where r is a sum of two floats (W. Cody and W. Waite,
    1980, with pi/2 in four parts); then the series of sine or cosine.

    Error: below 1 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.cos(1.0)
    0.5403023058681398
    """
    return _circular(x, 1)


def power(x: float, y: float) -> float:
    """Return x^y.

    For a whole y up to 2^31 it is found by squaring, always the same products in the same order, and
    1 / x^-y below 0 (0 where x^-y is too large for a float). For any other y, x must not be negative,
    and it is exp(y log(x)). The sign of x = -0 is not kept below 0.

    Error: below |y| + 0.5 ulp for whole y; otherwise below 2.6 |y ln x| + 0.6 ulp.

    Examples
    --------
    >>> from slownet import functions
    >>> functions.power(2.0, 0.5)
    1.414213562373095
    """
    x = float(x)
    if abs(y) < 2147483648.0 and floor(y) == y:
        whole = _whole_power(x, abs(y))
        if y >= 0.0:
            return whole
        if whole != 0.0:
            return 1.0 / whole
        return -inf if x < 0.0 and 2.0 * floor(0.5 * y) != y else inf
    if x == 0.0:
        return 0.0 if y > 0.0 else inf
    return exp(y * log(x))


def _whole_power(x: float, n: float) -> float:
    result = 1.0
    for _ in range(32):
        half = floor(0.5 * n)
        if n > 2.0 * half:
            result *= x
        if half == 0.0:
            break
        x *= x
        n = half
    return result


def _circular(x: float, quarters: int) -> float:
    """Return sin(x + quarters pi/2)."""
    if not abs(x) < _LARGEST_ANGLE:
        return nan
    k = floor(x * _PER_HALF_PI + 0.5)
    first = x - k * _HALF_PI_1  # exact; the errors of the next two differences are kept (D. Knuth)
    part = k * _HALF_PI_2
    second = first - part
    back = first - second
    rest = (first - (second + back)) + (back - part)
    part = k * _HALF_PI_3
    third = second - part
    back = second - third
    rest = rest + ((second - (third + back)) + (back - part)) - k * _HALF_PI_REST
    r = third + rest
    rest = (third - r) + rest
    z = r * r
    quarter = (k + quarters) & 3
    if quarter & 1:
        c = _C4 + z * (-_C6 + z * (_C8 + z * (-_C10 + z * (_C12 + z * (-_C14 + z * _C16)))))
        half = 0.5 * z
        near = 1.0 - half
        y = near + (((1.0 - near) - half) + (z * z * c - r * rest))
    else:
        c = -_C3 + z * (_C5 + z * (-_C7 + z * (_C9 + z * (-_C11 + z * (_C13 + z * (-_C15 + z * _C17))))))
        y = r + (r * z * c + rest * (1.0 - 0.5 * z))
    return -y if quarter & 2 else y
