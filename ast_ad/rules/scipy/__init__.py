"""Rules of SciPy's functions. A file is read once the part of SciPy that it is about has been (`registry.LATER`)."""
