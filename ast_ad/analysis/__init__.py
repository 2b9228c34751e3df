"""Analyses: each a function from IR to a table of facts; nothing is ever written on the IR itself."""
