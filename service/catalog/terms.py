"""The closed vocabularies of the catalog: the models' checks and the schemas read them here.

Caution types are those of FHIR R5 ClinicalUseDefinition
(https://hl7.org/fhir/R5/clinicalusedefinition.html); roles are jun, chen, zuo, shi.
"""

from typing import Final

FORMULA_KINDS: Final = ("internal_formula", "topical")
STATUSES: Final = ("draft", "published", "withdrawn")
ROUTES: Final = ("oral", "external")

SCRIPTS: Final = (
    "hans",
    "hant",
    "pinyin",
    "wade_giles",
    "abbreviation",
    "english",
    "latin",
    "kampo",
    "korean",
    "vietnamese",
    "brand",
)
ROLES: Final = ("jun", "chen", "zuo", "shi", "zuo_shi")

# H: seen in a primary source or in two that agree; M: one reasonable secondary source;
# L: weak, or sources disagree. Anything weaker does not enter the catalog.
CONFIDENCES: Final = ("H", "M", "L")
PUBLIC_CONFIDENCES: Final = frozenset({"H", "M"})

AUDIENCES: Final = ("patient", "practitioner")
INDICATION_SORTS: Final = (
    "biomedical",
    "tcm_pattern",
    "symptom",
    "function",
    "labelled_use",
)

CAUTION_TYPES: Final = (
    "contraindication",
    "interaction",
    "undesirable-effect",
    "warning",
)
GRADES: Final = ("contraindicated", "major", "moderate", "minor", "unknown")
SEVERITY_OF_GRADE: Final = {
    "contraindicated": "avoid",
    "major": "avoid",
    "moderate": "caution",
    "minor": "monitor",
    "unknown": "caution",
}
# The word a reader sees before a caution.
WORD_OF_GRADE: Final = {
    "contraindicated": "Avoid",
    "major": "Ask first",
    "moderate": "Take care",
    "minor": "Good to know",
    "unknown": "Take care",
}
SUBJECT_KINDS: Final = (
    "drug_class",
    "drug",
    "condition",
    "population",
    "substance",
    "formula",
    "use",
    "product",
)

VERDICTS: Final = ("recommended", "acceptable", "caution", "avoid", "unknown")
CERTAINTIES: Final = ("high", "moderate", "low", "very_low")
EVIDENCE_BASES: Final = (
    "rct",
    "meta_analysis",
    "cohort",
    "case_report",
    "label",
    "pharmacopoeia",
    "classical_text",
    "preclinical",
    "mechanism",
    "expert",
    "review",
    "regulator",
    "recall",
    "analytical",
    "calculation",
    "pharmacovigilance",
    "label_secondary",
    "in_vitro",
    "exam",
)
DESIGNS: Final = (
    "meta_analysis",
    "systematic_review",
    "rct",
    "rct_crossover",
    "before_after",
    "guideline",
    "utilisation",
    "protocol",
    "none",
)
NOTE_TOPICS: Final = (
    "category",
    "action",
    "pattern_sign",
    "preparation",
    "variant",
    "product_variant",
    "modification",
    "not_for",
    "identity",
    "pregnancy",
    "regulatory",
    "negative_finding",
    "remark",
)
REGULATORY_CLASSES: Final = ("supplement", "otc_drug")

# ISO 4217, those of the marketplaces our programs sell in.
CURRENCIES: Final = ("USD", "CAD", "GBP", "EUR")
