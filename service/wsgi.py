"""What a WSGI server imports: one app for each worker process."""

from service.app import create_app
from service.config import load_settings
from service.operations.doctor import refuse_examples
from service.operations.jobs import start_jobs
from service.referrals.queries import current_book

settings = load_settings()
app = create_app(settings)
if settings.is_production:
    with app.app_context():
        refuse_examples(settings, current_book())
background = start_jobs(app, settings)
