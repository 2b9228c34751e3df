"""Runs IR as it stands, without emission: the oracle for every pass."""

from __future__ import annotations

from ast_ad.ir.run import Runner, run

__all__ = ["Runner", "run"]
