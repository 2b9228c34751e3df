"""Functions of libraries that no rule is known of: they run as they are, where nothing active reaches them."""

import json
import logging
import os
import random
import re
import sys
import time

from tests.corpus.registry import program

LOG = logging.getLogger(__name__)


@program((0.7,))
def clock_and_log(x):
    start = time.perf_counter()
    y = x * x
    LOG.debug("x is %s", x)
    elapsed = time.perf_counter() - start
    logging.getLogger("tests").debug(f"{elapsed:.3f} seconds for {y}")
    return y * x


@program((0.7,))
def constants_of_text(x):
    settings = json.loads('{"rate": 0.5, "powers": [1, 2]}')
    for power in settings["powers"]:
        x = x + settings["rate"] * x**power
    found = re.match(r"(\d+)-(\d+)", "2-34")
    name = os.path.join("a", "b").upper().replace("A", "c")
    return x ** int(found.group(1)) * len(name)


@program((0.7,))
def text_of_numbers_decides(x):
    text = f"{x:.2f}"
    if text.startswith("0") and len(text) == 4 and sys.version_info >= (3, 8):
        return x * x
    return x


@program((0.7,))
def environment_and_seed(x):
    random.seed(3)
    steps = int(os.environ.get("STEPS_THAT_NOBODY_SETS", 3))
    for _ in range(steps):
        x = x * random.uniform(1.0, 1.0)
    return x * x
