"""Product codes: short, the same on every rebuild, and readable aloud without mistakes.

A code is derived from the product's slug, so that a link printed in an old article still works
after the database is made anew from the seed.
"""

import hashlib
from typing import Final

# No 0/o, 1/i/l, no vowels that spell words, no u/v pair.
ALPHABET: Final = "23456789bcdfghjkmnpqrstwxyz"
LENGTH: Final = 8


def product_code(slug: str) -> str:
    """Eight characters of ALPHABET (27^8, about 3e11) from the slug's SHA-256."""
    number = int.from_bytes(hashlib.sha256(slug.encode()).digest())
    characters = []
    for _ in range(LENGTH):
        number, remainder = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[remainder])
    return "".join(characters)
