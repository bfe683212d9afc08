"""Formulary: the herbal formulas a practice trusts, and the correct links to them."""

__version__ = "0.1.0"
