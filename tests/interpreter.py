"""Runs IR as it stands, without emission: the oracle for every pass."""

from __future__ import annotations

from ast_ad.ir.run import run

__all__ = ["run"]
