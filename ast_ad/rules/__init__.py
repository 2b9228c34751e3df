"""Derivative rules, one file a topic; importing this package fills the table of `ast_ad.rules.registry`."""
