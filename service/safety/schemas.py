"""The shapes of the vocabulary's seed files."""

from marshmallow import fields

from service.shared.fields import Document, choice, identifier, prose


class DrugClassIn(Document):
    slug = identifier(required=True)
    name = prose(required=True)
    atc = fields.List(prose())


class DrugIn(Document):
    slug = identifier(required=True)
    name = prose(required=True)
    atc = prose()
    drug_class = identifier()


class ConditionIn(Document):
    slug = identifier(required=True)
    kind = choice(("condition", "population", "use"), required=True)
    name = prose(required=True)
    lay_terms = fields.List(prose())
    icd10cm = fields.List(prose())
