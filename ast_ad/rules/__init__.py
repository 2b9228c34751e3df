"""Derivative rules, one file a topic; importing this package fills the table of `ast_ad.rules.registry`."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
