"""The catalog, its publications, its referral programs and its keys."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('api_keys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('prefix', sa.String(length=12), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_keys_digest')),
    sa.UniqueConstraint('name', name=op.f('uq_api_keys_name'))
    )
    op.create_table('catalog_state',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seeded_from', sa.String(length=64), nullable=True),
    sa.CheckConstraint('id = 1', name=op.f('ck_catalog_state_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalog_state'))
    )
    op.create_table('conditions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('lay_terms', sa.JSON(), nullable=False),
    sa.Column('icd10cm', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conditions')),
    sa.UniqueConstraint('slug', name=op.f('uq_conditions_slug'))
    )
    op.create_table('drug_classes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('atc', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drug_classes')),
    sa.UniqueConstraint('slug', name=op.f('uq_drug_classes_slug'))
    )
    op.create_table('formulas',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('route', sa.String(length=10), nullable=False),
    sa.Column('forms', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('internal_formula', 'topical')", name=op.f('ck_formulas_kind')),
    sa.CheckConstraint("route IN ('oral', 'external')", name=op.f('ck_formulas_route')),
    sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name=op.f('ck_formulas_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_formulas')),
    sa.UniqueConstraint('slug', name=op.f('uq_formulas_slug'))
    )
    op.create_table('herbs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('species', sa.Text(), nullable=True),
    sa.Column('part', sa.String(length=80), nullable=True),
    sa.Column('safety_as', sa.String(length=80), nullable=True),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name=op.f('ck_herbs_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_herbs')),
    sa.UniqueConstraint('slug', name=op.f('uq_herbs_slug'))
    )
    op.create_table('issued_codes',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('product', sa.String(length=80), nullable=False),
    sa.Column('formula', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_issued_codes')),
    sa.UniqueConstraint('product', name=op.f('uq_issued_codes_product'))
    )
    op.create_table('practice',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('site', sa.Text(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_practice_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practice'))
    )
    op.create_table('programs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('seller', sa.Text(), nullable=False),
    sa.Column('templates', sa.JSON(), nullable=False),
    sa.Column('allowed_hosts', sa.JSON(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('is_example', sa.Boolean(), nullable=False),
    sa.Column('policy', sa.JSON(), nullable=False),
    sa.Column('disclosure', sa.Text(), nullable=True),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.CheckConstraint("kind IN ('fullscript', 'amazon_associates', 'template')", name=op.f('ck_programs_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programs')),
    sa.UniqueConstraint('key', name=op.f('uq_programs_key'))
    )
    op.create_table('publications',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('public', sa.Text(), nullable=False),
    sa.Column('practitioner', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.Column('offered', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('catalog_version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('formula', 'herb')", name=op.f('ck_publications_kind')),
    sa.CheckConstraint("status IN ('published', 'withdrawn')", name=op.f('ck_publications_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publications')),
    sa.UniqueConstraint('kind', 'slug', 'revision', name=op.f('uq_publications_kind_slug_revision'))
    )
    with op.batch_alter_table('publications', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_publications_catalog_version'), ['catalog_version'], unique=False)
        batch_op.create_index('uq_publications_current', ['kind', 'slug'], unique=True, sqlite_where=sa.text('is_current'), postgresql_where=sa.text('is_current'))

    op.create_table('sources',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('seen', sa.String(length=20), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('pmid', sa.Text(), nullable=True),
    sa.Column('doi', sa.Text(), nullable=True),
    sa.Column('identifiers', sa.Text(), nullable=True),
    sa.Column('licence', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('accessed', sa.String(length=10), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sources')),
    sa.UniqueConstraint('key', name=op.f('uq_sources_key'))
    )
    op.create_table('discounts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('program_id', sa.Integer(), nullable=False),
    sa.Column('product', sa.String(length=80), nullable=True),
    sa.Column('percent_min', sa.Integer(), nullable=False),
    sa.Column('percent_max', sa.Integer(), nullable=False),
    sa.Column('basis', sa.String(length=20), nullable=False),
    sa.Column('how', sa.String(length=20), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('audience', sa.String(length=20), nullable=False),
    sa.Column('terms', sa.Text(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("audience IN ('public', 'patients')", name=op.f('ck_discounts_audience')),
    sa.CheckConstraint("how IN ('automatic', 'sign_in', 'code')", name=op.f('ck_discounts_how')),
    sa.CheckConstraint('percent_min > 0 AND percent_min <= percent_max AND percent_max <= 100', name=op.f('ck_discounts_percent')),
    sa.CheckConstraint('starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at', name=op.f('ck_discounts_window')),
    sa.ForeignKeyConstraint(['program_id'], ['programs.id'], name=op.f('fk_discounts_program_id_programs')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discounts')),
    sa.UniqueConstraint('key', name=op.f('uq_discounts_key'))
    )
    with op.batch_alter_table('discounts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_discounts_program_id'), ['program_id'], unique=False)

    op.create_table('drugs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('atc', sa.String(length=10), nullable=True),
    sa.Column('drug_class_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['drug_class_id'], ['drug_classes.id'], name=op.f('fk_drugs_drug_class_id_drug_classes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drugs')),
    sa.UniqueConstraint('slug', name=op.f('uq_drugs_slug'))
    )
    op.create_table('products',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('formula_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('maker', sa.Text(), nullable=True),
    sa.Column('brand', sa.Text(), nullable=True),
    sa.Column('form', sa.Text(), nullable=True),
    sa.Column('size', sa.Text(), nullable=True),
    sa.Column('program', sa.String(length=80), nullable=False),
    sa.Column('destination', sa.JSON(), nullable=False),
    sa.Column('regulatory_class', sa.String(length=20), nullable=False),
    sa.Column('drug_facts', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('omits', sa.JSON(), nullable=False),
    sa.Column('prop_65', sa.Text(), nullable=True),
    sa.Column('last_verified_on', sa.Date(), nullable=True),
    sa.CheckConstraint("regulatory_class IN ('supplement', 'otc_drug')", name=op.f('ck_products_regulatory_class')),
    sa.ForeignKeyConstraint(['formula_id'], ['formulas.id'], name=op.f('fk_products_formula_id_formulas'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_products')),
    sa.UniqueConstraint('slug', name=op.f('uq_products_slug'))
    )
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_products_formula_id'), ['formula_id'], unique=False)

    op.create_table('statements',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('row_type', sa.String(length=20), nullable=False),
    sa.Column('of_formula_id', sa.Integer(), nullable=True),
    sa.Column('of_herb_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('confidence', sa.String(length=1), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('source_gap', sa.Text(), nullable=True),
    sa.Column('reviewer', sa.Text(), nullable=True),
    sa.Column('reviewer_licence', sa.Text(), nullable=True),
    sa.Column('reviewed_on', sa.Date(), nullable=True),
    sa.Column('review_due_on', sa.Date(), nullable=True),
    sa.CheckConstraint("confidence IN ('H', 'M', 'L')", name=op.f('ck_statements_confidence')),
    sa.CheckConstraint('(reviewer IS NULL) = (reviewed_on IS NULL) AND (reviewer IS NULL) = (reviewer_licence IS NULL)', name=op.f('ck_statements_signed_whole')),
    sa.CheckConstraint('of_formula_id IS NULL OR of_herb_id IS NULL', name=op.f('ck_statements_one_owner')),
    sa.ForeignKeyConstraint(['of_formula_id'], ['formulas.id'], name=op.f('fk_statements_of_formula_id_formulas'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['of_herb_id'], ['herbs.id'], name=op.f('fk_statements_of_herb_id_herbs'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_statements'))
    )
    with op.batch_alter_table('statements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_statements_of_formula_id'), ['of_formula_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_statements_of_herb_id'), ['of_herb_id'], unique=False)

    op.create_table('cautions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('subjects', sa.JSON(), nullable=False),
    sa.Column('grade', sa.String(length=20), nullable=False),
    sa.Column('certainty', sa.String(length=10), nullable=True),
    sa.Column('basis', sa.JSON(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('patient_text', sa.Text(), nullable=True),
    sa.Column('mechanism', sa.Text(), nullable=True),
    sa.Column('what_to_do', sa.Text(), nullable=True),
    sa.Column('conflict', sa.Text(), nullable=True),
    sa.CheckConstraint("certainty IN ('high', 'moderate', 'low', 'very_low')", name=op.f('ck_cautions_certainty')),
    sa.CheckConstraint("grade IN ('contraindicated', 'major', 'moderate', 'minor', 'unknown')", name=op.f('ck_cautions_grade')),
    sa.CheckConstraint("type IN ('contraindication', 'interaction', 'undesirable-effect', 'warning')", name=op.f('ck_cautions_type')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_cautions_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cautions'))
    )
    op.create_table('combinations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=True),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('cautions', sa.JSON(), nullable=False),
    sa.CheckConstraint("verdict IN ('recommended', 'acceptable', 'caution', 'avoid', 'unknown')", name=op.f('ck_combinations_verdict')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_combinations_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_combinations')),
    sa.UniqueConstraint('key', name=op.f('uq_combinations_key'))
    )
    op.create_table('doses',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('form', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('grams_min', sa.Double(), nullable=True),
    sa.Column('grams_max', sa.Double(), nullable=True),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.CheckConstraint('grams_min <= grams_max', name=op.f('ck_doses_grams_range')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_doses_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_doses'))
    )
    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('formulas', sa.JSON(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('condition', sa.Text(), nullable=True),
    sa.Column('design', sa.String(length=20), nullable=False),
    sa.Column('participants', sa.Integer(), nullable=True),
    sa.Column('studies', sa.Integer(), nullable=True),
    sa.Column('result', sa.Text(), nullable=False),
    sa.Column('bias', sa.Text(), nullable=True),
    sa.Column('harms', sa.Text(), nullable=True),
    sa.Column('certainty', sa.String(length=10), nullable=True),
    sa.CheckConstraint("certainty IN ('high', 'moderate', 'low', 'very_low')", name=op.f('ck_evidence_certainty')),
    sa.CheckConstraint("design IN ('meta_analysis', 'systematic_review', 'rct', 'rct_crossover', 'before_after', 'guideline', 'utilisation', 'protocol', 'none')", name=op.f('ck_evidence_design')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_evidence_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
    sa.UniqueConstraint('key', name=op.f('uq_evidence_key'))
    )
    op.create_table('indications',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('audience', sa.String(length=20), nullable=False),
    sa.Column('sort', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('lay_terms', sa.JSON(), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.CheckConstraint("audience IN ('patient', 'practitioner')", name=op.f('ck_indications_audience')),
    sa.CheckConstraint("sort IN ('biomedical', 'tcm_pattern', 'symptom', 'function', 'labelled_use')", name=op.f('ck_indications_sort')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_indications_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_indications'))
    )
    op.create_table('ingredients',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('herb_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=True),
    sa.Column('role_confidence', sa.String(length=1), nullable=True),
    sa.Column('classical_dose', sa.Text(), nullable=True),
    sa.Column('grams_min', sa.Double(), nullable=True),
    sa.Column('grams_max', sa.Double(), nullable=True),
    sa.Column('percent_min', sa.Double(), nullable=True),
    sa.Column('percent_max', sa.Double(), nullable=True),
    sa.Column('dose_basis', sa.Text(), nullable=True),
    sa.Column('preparation', sa.Text(), nullable=True),
    sa.Column('optional', sa.Boolean(), nullable=False),
    sa.CheckConstraint("role IN ('jun', 'chen', 'zuo', 'shi', 'zuo_shi')", name=op.f('ck_ingredients_role')),
    sa.CheckConstraint("role_confidence IN ('H', 'M', 'L')", name=op.f('ck_ingredients_role_confidence')),
    sa.CheckConstraint('grams_min <= grams_max', name=op.f('ck_ingredients_grams_range')),
    sa.CheckConstraint('percent_min <= percent_max', name=op.f('ck_ingredients_percent_range')),
    sa.ForeignKeyConstraint(['herb_id'], ['herbs.id'], name=op.f('fk_ingredients_herb_id_herbs')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_ingredients_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ingredients'))
    )
    with op.batch_alter_table('ingredients', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ingredients_herb_id'), ['herb_id'], unique=False)

    op.create_table('names',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('script', sa.String(length=20), nullable=False),
    sa.Column('preferred', sa.Boolean(), nullable=False),
    sa.CheckConstraint("script IN ('hans', 'hant', 'pinyin', 'wade_giles', 'abbreviation', 'english', 'latin', 'kampo', 'korean', 'vietnamese', 'brand')", name=op.f('ck_names_script')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_names_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_names'))
    )
    op.create_table('notes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.CheckConstraint("topic IN ('category', 'action', 'pattern_sign', 'preparation', 'variant', 'product_variant', 'modification', 'not_for', 'identity', 'pregnancy', 'regulatory', 'negative_finding', 'remark')", name=op.f('ck_notes_topic')),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_notes_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes'))
    )
    op.create_table('origins',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('book', sa.Text(), nullable=False),
    sa.Column('chapter', sa.Text(), nullable=True),
    sa.Column('author', sa.Text(), nullable=True),
    sa.Column('dynasty', sa.Text(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['id'], ['statements.id'], name=op.f('fk_origins_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_origins'))
    )
    op.create_table('statement_sources',
    sa.Column('statement_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_statement_sources_source_id_sources')),
    sa.ForeignKeyConstraint(['statement_id'], ['statements.id'], name=op.f('fk_statement_sources_statement_id_statements'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('statement_id', 'source_id', name=op.f('pk_statement_sources'))
    )
    with op.batch_alter_table('statement_sources', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_statement_sources_source_id'), ['source_id'], unique=False)
    op.execute("INSERT INTO catalog_state (id, version) VALUES (1, 0)")



def downgrade() -> None:
    with op.batch_alter_table('statement_sources', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_statement_sources_source_id'))

    op.drop_table('statement_sources')
    op.drop_table('origins')
    op.drop_table('notes')
    op.drop_table('names')
    with op.batch_alter_table('ingredients', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ingredients_herb_id'))

    op.drop_table('ingredients')
    op.drop_table('indications')
    op.drop_table('evidence')
    op.drop_table('doses')
    op.drop_table('combinations')
    op.drop_table('cautions')
    with op.batch_alter_table('statements', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_statements_of_herb_id'))
        batch_op.drop_index(batch_op.f('ix_statements_of_formula_id'))

    op.drop_table('statements')
    with op.batch_alter_table('products', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_products_formula_id'))

    op.drop_table('products')
    op.drop_table('drugs')
    with op.batch_alter_table('discounts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_discounts_program_id'))

    op.drop_table('discounts')
    op.drop_table('sources')
    with op.batch_alter_table('publications', schema=None) as batch_op:
        batch_op.drop_index('uq_publications_current', sqlite_where=sa.text('is_current'), postgresql_where=sa.text('is_current'))
        batch_op.drop_index(batch_op.f('ix_publications_catalog_version'))

    op.drop_table('publications')
    op.drop_table('programs')
    op.drop_table('practice')
    op.drop_table('issued_codes')
    op.drop_table('herbs')
    op.drop_table('formulas')
    op.drop_table('drug_classes')
    op.drop_table('conditions')
    op.drop_table('catalog_state')
    op.drop_table('api_keys')
