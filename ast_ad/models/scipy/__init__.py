"""Functions of SciPy that are made of others. A file is read once the part of SciPy that it is about has been."""
