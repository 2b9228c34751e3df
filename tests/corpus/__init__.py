"""Programs as strangers write them, each with arguments to differentiate it at.

One topic a file.  A program is an ordinary function that knows nothing of differentiation; `registry.program` lists it.
"""
