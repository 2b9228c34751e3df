"""The final form: what a simplified program becomes before it is written, and is transformed no more."""

from __future__ import annotations

from ast_ad.ir.nodes import Function
from ast_ad.transform.assign import assigned
from ast_ad.transform.fusion import with_branches_fused
from ast_ad.transform.settle import settled
from ast_ad.transform.signs import with_signs_inside
from ast_ad.transform.simplify import simplify
from ast_ad.transform.sinking import with_numbers_sunk
from ast_ad.transform.spare_copies import with_spare_copies_told


def final(function: Function, *, whole: bool = False) -> Function:
    """Return a program as a person would write it, but for who owns which array (`ast_ad.transform.ownership`).

    Parameters
    ----------
    whole
        Whether all of it is a reverse sweep, and not only what stands behind the comment that says so.
    """
    fused = with_branches_fused(function, whole=whole)
    if fused is not function:
        function = simplify(fused)
    function = with_numbers_sunk(function, whole=whole)
    return with_signs_inside(assigned(settled(with_spare_copies_told(function, whole=whole))), whole=whole)
