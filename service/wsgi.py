"""What a WSGI server imports: one app for each worker process."""

from service.app import create_app

app = create_app()
