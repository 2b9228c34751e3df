"""Flags: a boolean that a counted loop carries only to say whether it ran at all.

    for i in range(start, stop): ...; ran = True         ran  ->  start < stop

This is how a name that is bound in a loop, and read after it, is checked.  The comparison needs no variable in the loop, and
where the range is constant it says at once that the name is bound.
"""

from __future__ import annotations

import operator

from ast_ad.ir.kinds import BOOL, INT
from ast_ad.ir.nodes import Block, Function, If, Lit, Loop, Op, Operand, Statement, Var, operands, walk
from ast_ad.ir.rebuild import Substitution
from ast_ad.transform.simplify.rewriting import changed, each_function, unless_same
