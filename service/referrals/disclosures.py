"""The sentences that stand beside links and claims. Their wording is the regulator's or the program's."""

from typing import Final

# Amazon Associates Operating Agreement: this sentence on the page, and a label at the link.
AMAZON_STATEMENT: Final = "As an Amazon Associate I earn from qualifying purchases."
PAID_LINK: Final = "(paid link)"

# 16 CFR 255.5: the interest, clear and beside the link.
INTEREST: Final = "I may earn from what you buy through this link."

# 21 CFR 101.93(c), the wording for more than one statement.
FDA_STATEMENT: Final = (
    "These statements have not been evaluated by the Food and Drug Administration. "
    "This product is not intended to diagnose, treat, cure, or prevent any disease."
)

ASK_FIRST: Final = "Discuss with your practitioner or doctor before you use it."

INTEREST_OF_KIND: Final = {
    "fullscript": INTEREST,
    "amazon_associates": AMAZON_STATEMENT,
    "template": INTEREST,
}
