# The bot, without torch: docker build --file deploy/bot.Dockerfile --tag limner-bot .
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE} AS build
# Where pip looks for packages; left out, its usual index.
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
WORKDIR /src
COPY pyproject.toml LICENSE NOTICE ./
COPY deploy/build.lock deploy/bot.lock deploy/
COPY docs/package.md docs/package.md
COPY bot bot
COPY engine/__init__.py engine/__init__.py
COPY engine/api engine/api
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# pip takes no file whose SHA-256 is not in a lock; Limner itself is built from what was copied.
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --requirement deploy/build.lock \
 && /opt/build/bin/python -m hatchling build --target wheel --directory /wheels
RUN python3 -m venv /opt/limner \
 && /opt/limner/bin/pip install --require-hashes --requirement deploy/bot.lock \
 && /opt/limner/bin/pip install --no-index --no-deps /wheels/*.whl

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin limner \
 && install --directory --owner limner --group limner --mode 0700 /data /backups /run/limner
COPY --from=build /opt/limner /opt/limner
ENV PATH=/opt/limner/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    container=oci \
    LIMNER_HOME=/data ENGINE_URL=unix:/run/limner/engine.sock LIMNER_LOG=json
USER 10001:10001
WORKDIR /backups
VOLUME ["/data", "/backups"]
CMD ["limner", "run"]
