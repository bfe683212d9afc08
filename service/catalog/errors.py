"""What can be wrong with a request to the catalog."""

from service.shared.errors import BadInput, FormularyError, Gone, NotFound


class FormulaNotFound(NotFound):
    code = "formula-not-found"
    title = "No such formula"


class FormulaWithdrawn(Gone):
    code = "formula-withdrawn"
    title = "This formula was withdrawn"


class HerbNotFound(NotFound):
    code = "herb-not-found"
    title = "No such herb"


class UnresolvedReference(BadInput):
    code = "unresolved-reference"
    title = "A row names something that is not in the catalog"


class FormulaNotPublishable(FormularyError):
    """Publishing refuses; `missing` lists everything that has to be put right."""

    code = "formula-not-publishable"
    title = "This formula cannot be published yet"
    status = 409

    def __init__(self, slug: str, missing: list[str]) -> None:
        super().__init__(f"{slug}: " + "; ".join(missing))
        self.missing = missing
