"""Transforms: each a function from IR to new IR, whose output is valid input for every other."""
