# docker build -t formulary . && docker run -p 8000:8000 -v formulary:/data formulary
# Works with --read-only --tmpfs /tmp --cap-drop=all; a folder mounted at /data must belong to uid 10001.
FROM python:3.11-slim AS build
COPY requirements.txt /
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-compile --only-binary=:all: \
        --require-hashes -r /requirements.txt
COPY service /app/service
COPY seed_data /app/seed_data
# Compiled here, because nothing can be written where it runs.
RUN python -m compileall -q --invalidation-mode unchecked-hash /opt/venv/lib /app/service

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Formulary" \
      org.opencontainers.image.description="A catalog of Chinese herbal formulas and liniments with compliant referral links" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# Importing it once leaves the standard library's modules that it uses compiled; pip has nothing more to do.
RUN /opt/venv/bin/python -c "import service.cli, granian.cli, granian.server.mp" \
    && pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin formulary \
    && install --directory --owner=10001 --group=10001 --mode=0750 /data
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATABASE_URL=sqlite:////data/formulary.sqlite3 \
    CLICKS_DIR=/data/clicks
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os; from urllib.request import ProxyHandler, build_opener as o; o(ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
# Migrates and seeds once, then becomes granian, so that signals reach the server itself.
CMD ["python", "-m", "service", "serve"]
