"""The backend: IR -> readable text -> function.  It leaves SSA, names what is left, prints and loads it."""
