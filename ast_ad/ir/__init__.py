"""The intermediate representation: structured SSA (see `ast_ad.ir.nodes` for its grammar)."""
