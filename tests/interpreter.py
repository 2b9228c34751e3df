"""Runs IR as it stands, without emission: the oracle for every pass."""

from __future__ import annotations

from ast_ad.interpreter import Runner, run

__all__ = ["Runner", "run"]
