"""What is run last: `finally` that jumps, `__exit__` that ends exceptions, generators around a block."""

import contextlib
import math

from tests.corpus.registry import program


@program((0.7,), (1.7,))
def returned_at_the_end(x):
    y = x
    try:
        y = y * x
        if x < 1:
            raise ValueError("small")
        y = y * x
    finally:
        return y * x  # noqa: B012


@program((0.7,))
def left_at_the_end(x):
    total = 0.0
    for i in range(5):
        try:
            total += x
            if i == 3:
                raise ValueError(i)
            total *= math.log(x + 2 - i)
        finally:
            total += x * x
            if i == 1:
                continue  # noqa: B012
            if i > 1:
                break  # noqa: B012
    return total


@program((0.7,), (1.7,))
def raised_at_the_end(x):
    def checked(y):
        try:
            if y < 1:
                raise ValueError("small")
            y = y * 2
        finally:
            if y < 1:
                raise KeyError("last")
        return y

    try:
        return checked(x)
    except KeyError:
        return x * x


class Counting:
    """Ends the exceptions of a class, and counts them."""

    def __init__(self, cls):
        self.cls = cls
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, cls, error, trace):
        if cls is not None and issubclass(cls, self.cls):
            self.count += 1
            return True
        return False


@program((0.7,))
def ended_by_the_context(x):
    counting = Counting(ArithmeticError)
    total = 0.0
    for i in range(4):
        with counting:
            total += x / (i - 2)
    return total * x * counting.count


class Transaction:
    """Asks whether there was an exception."""

    def __init__(self, entries):
        self.entries = entries

    def __enter__(self):
        return self

    def __exit__(self, cls, error, trace):
        self.entries.append(1.0 if cls is None else 5.0 if isinstance(error, ValueError) else 7.0)


@program((0.7,))
def asked_for_by_the_context(x):
    entries = []
    for i in range(4):
        try:
            with Transaction(entries):
                entries.append(math.log(x - i + 1) / (i - 3))
        except (ValueError, ZeroDivisionError):
            entries.append(x)
    return x * sum(entries)


@program((0.7,), (0.3,))
def a_generator_handles_it(x):
    entries = []

    @contextlib.contextmanager
    def scope(v):
        scale = 1.0
        entries.append(scale)
        try:
            yield v * 2
        except ValueError:
            scale = 3.0
        else:
            scale = v
        finally:
            entries.append(scale)
        entries.append(2.0)

    y = x
    with scope(x) as t:
        y = t
        if t > 1:
            raise ValueError("large")
        y = x
    return y * x * sum(entries)


@program((0.7,))
def a_generator_is_not_resumed(x):
    entries = []

    @contextlib.contextmanager
    def scope(v):
        yield v * 2
        entries.append(2.0)

    y = x
    for i in range(3):
        try:
            with scope(x) as t:
                y = y * t
                if i == 1:
                    raise ValueError("once")
                y = y + x
        except ValueError:
            y = y * 3
    return y * sum(entries)


@program((0.7,), (2.7,))
def raised_again_for_who_is_outside(x):
    def risky(y):
        try:
            return math.log(y - 1) / (y - 1.7)
        except Exception:
            raise

    try:
        return risky(x)
    except ZeroDivisionError as error:
        return x**2 * len(error.args)
    except ValueError as error:
        return x**3 if type(error).__name__ == "ValueError" else x


class Exceeded(ValueError):
    """Tells by how much."""

    factor = 3.0

    def __init__(self, value, limit=1.0):
        super().__init__(f"more than {limit}")
        self.excess = value - limit

    def penalty(self):
        return self.factor * self.excess**2


@program((0.7,))
def exceptions_with_attributes(x):
    total = 0.0
    last = None
    for i in range(5):
        try:
            if x * i > 2:
                raise Exceeded(x * i, limit=2.0)
            total += x / (i - 1)
        except Exceeded as error:
            total += error.penalty() * len(str(error))
            last = error
        except Exception as error:
            total += x * len(str(error))
    return total if last is None else total * last.excess
