"""The frontend: from the text of a function to its IR, by abstract interpretation on the kinds of its arguments."""
