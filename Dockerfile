# One image for the API and the workers: docker-compose.yml says which command runs where.

FROM python:3.13-slim AS base

FROM base AS packages
# A mirror of the package index and a proxy may be given as build arguments; neither is kept in the image.
ARG PIP_INDEX_URL
COPY requirements.lock /tmp/
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock \
 && /opt/venv/bin/python -m pip uninstall --yes --quiet pip

FROM base
# Datasets live in the first, compiled code in the second. A volume mounted for the first time takes over owner and files;
# where several containers share one, the folder must be empty, for Docker fails when two of them copy at once.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin thalweg \
 && install --directory --owner thalweg --group thalweg --mode 0750 /var/lib/thalweg /var/cache/thalweg
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/thalweg
COPY . .
# Jobs are spread over processes, so a BLAS that starts threads in each of them would only fight itself.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OPENBLAS_NUM_THREADS=1 \
    OMP_NUM_THREADS=1 \
    THALWEG_BIND=0.0.0.0 \
    THALWEG_DATA_DIR=/var/lib/thalweg \
    THALWEG_CACHE_DIR=/var/cache/thalweg \
    PORT=8080
RUN python -m compileall -q .
USER thalweg
# A container begins with these; on another kind of processor its worker compiles again, which takes some seconds.
RUN python -m worker.kernels && MPLCONFIGDIR=$THALWEG_CACHE_DIR/matplotlib python -c "import matplotlib.font_manager"
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["gunicorn", "-c", "python:service.gunicorn_config", "service.wsgi:app"]
