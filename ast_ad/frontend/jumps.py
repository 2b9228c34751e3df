"""Jumps as names, so that early exits are ordinary booleans: a frame's environment holds them beside the user's names.

%skip       a jump was made: what follows, up to the end of the loop's body (or of the function), does not run
%go         false after `break` or `return`: the loop ends
%broke      a `break` was made
%returned   a `return` was made inside a loop
%result     what the function returns
"""

from __future__ import annotations

from ast_ad.frontend.values import Value
from ast_ad.ir.nodes import Lit

SKIP, GO, BROKE, RETURNED, RESULT = "%skip", "%go", "%broke", "%returned", "%result"
TRUE, FALSE = Lit(True), Lit(False)
NO_JUMP: dict[str, Value] = {SKIP: FALSE, GO: TRUE, BROKE: FALSE, RETURNED: FALSE}
FLAG_NAMES = {SKIP: "done", GO: "go", BROKE: "broke", RETURNED: "returned", RESULT: "result"}
"""What the flags are called in the text that is written."""


class Thrown(Exception):
    """Unwinds lowering to the end of a block, after a jump to the handler of an exception."""


class Unreachable(Exception):
    """Unwinds lowering to the end of a block, where what follows in it can never run."""
