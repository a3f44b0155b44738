# Three images from one file: `docker build --target api|worker|bootstrap .`; a fourth, `stand-ins`,
# is for compose.yaml only. What they are for and what has been tried: docs/deployment.md.
#
# The bases are named by digest, so that the same commit gives the same image. To move to newer ones:
# `docker buildx imagetools inspect python:3.11-slim-bookworm`, and put the digest here.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b
ARG NODE_IMAGE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

# --- The web client ---------------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS ui
WORKDIR /build/ui
COPY ui/package.json ui/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY ui/ ./
RUN npm run build

# --- Everything that Python imports -----------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS packages
WORKDIR /build
COPY requirements/build.txt requirements/runtime.txt requirements/
# Wheels only: nothing of somebody else's is run while the image is made.
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/build.txt \
 && python -m venv /opt/app \
 && /opt/app/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY activities activities
COPY api api
COPY devstack devstack
COPY services services
COPY temporal temporal
COPY workers workers
COPY workflows workflows
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir wheels . \
 && /opt/app/bin/pip install --no-cache-dir --no-deps --no-index wheels/*.whl \
 && /opt/app/bin/pip uninstall --yes pip setuptools

# Each image has only what its process may import; the arrows of pyproject.toml say what that is.
FROM packages AS api-packages
RUN rm -r /opt/app/lib/python3.11/site-packages/activities \
          /opt/app/lib/python3.11/site-packages/devstack \
          /opt/app/lib/python3.11/site-packages/workers

FROM packages AS worker-packages
RUN rm -r /opt/app/lib/python3.11/site-packages/api \
          /opt/app/lib/python3.11/site-packages/devstack

FROM packages AS bootstrap-packages
RUN rm -r /opt/app/lib/python3.11/site-packages/activities \
          /opt/app/lib/python3.11/site-packages/api \
          /opt/app/lib/python3.11/site-packages/devstack \
          /opt/app/lib/python3.11/site-packages/workers

# --- What all images share --------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS runtime
# The root file system may be read-only: nothing is written but to /tmp. The user has no entry in
# /etc/passwd, and Stripe's SDK makes no request at all where it finds no home.
ENV HOME=/tmp \
    PATH=/opt/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv
USER 10001:10001

# --- The images -------------------------------------------------------------------------------------
# Commands are lists: no shell stands between SIGTERM and Python.
FROM runtime AS api
COPY --from=api-packages /opt/app /opt/app
COPY --from=ui /build/ui/dist /srv/ui
ENV HOST=0.0.0.0 \
    PORT=8000 \
    UI_DIR=/srv/ui
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "api"]

FROM runtime AS worker
COPY --from=worker-packages /opt/app /opt/app
ENV WORKER_METRICS_ADDRESS=0.0.0.0:9464
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['WORKER_METRICS_ADDRESS'].rpartition(':')[2] + '/metrics', timeout=2)"]
ENTRYPOINT ["python", "-m", "workers"]

# Commands that end: temporal.bootstrap, temporal.versions, services.replica_set.
FROM runtime AS bootstrap
COPY --from=bootstrap-packages /opt/app /opt/app
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m"]
CMD ["temporal.bootstrap"]

# The stand-ins for Stripe, Resend, Google and GitHub; never deployed.
FROM runtime AS stand-ins
COPY --from=packages /opt/app /opt/app
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m"]
CMD ["devstack.simulators.stripe", "--help"]
