"""Where dicts are made that have to be tables, because their keys are known only when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ast_ad.frontend.frame import Frame
    from ast_ad.frontend.values import Container


class TableNeeded(Exception):
    """Unwinds all of lowering: the dicts that are made at a site have to be tables."""

    def __init__(self, site: Any) -> None:
        super().__init__()
        self.site = site


def can_be_table(frame: Frame) -> bool:
    """Tell whether dicts may become tables here: in a short loop, which can be written out, they rather stay dicts."""
    return frame.context.tables is not None and not frame.unrolls


def need_table(frame: Frame, node: Any) -> None:
    """See to it that the dicts that are made at a node are tables."""
    site = frame.where(node)
    if site not in (frame.context.tables or ()):
        raise TableNeeded(site)


def try_as_table(frame: Frame, container: Container) -> None:
    """See to it that a dict whose keys depend on the path is a table, if it may be and has not been tried as one."""
    site, tried = container.site, frame.context.tables or ()
    if issubclass(container.type, dict) and site is not None and can_be_table(frame) and site not in tried:
        raise TableNeeded(site)
