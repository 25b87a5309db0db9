# The engine, with torch for CUDA: docker build --file deploy/engine.Dockerfile --tag limner-engine .
# For a machine without a GPU, --build-arg TORCH_INDEX=URL names an index with CPU wheels; the image is far smaller then.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE} AS build
# Where pip looks for packages; left out, its usual index.
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
ARG TORCH_INDEX=
WORKDIR /src
COPY pyproject.toml constraints.txt LICENSE NOTICE ./
COPY deploy/build.lock deploy/engine.lock deploy/
COPY docs/package.md docs/package.md
COPY bot/__init__.py bot/__init__.py
COPY bot/cli/__init__.py bot/cli/__init__.py
COPY bot/cli/main.py bot/cli/main.py
COPY bot/cli/version.py bot/cli/version.py
COPY engine engine
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# pip takes no file whose SHA-256 is not in a lock, but for torch and what it alone brings, whose builds differ by machine;
# Limner itself is built from what was copied. What is installed before torch needs it, hence no look at dependencies.
# An index that is named is asked alone: one without this torch ends the build, and no torch for CUDA comes in its place.
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --requirement deploy/build.lock \
 && /opt/build/bin/python -m hatchling build --target wheel --directory /wheels
RUN python3 -m venv /opt/limner \
 && /opt/limner/bin/pip install --require-hashes --no-deps --requirement deploy/engine.lock \
 && echo "Next: $(grep ^torch== constraints.txt), which has to be at ${TORCH_INDEX:-the usual index, which has it for CUDA}" \
 && /opt/limner/bin/pip install --constraint constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch \
 && /opt/limner/bin/pip install --no-index --no-deps /wheels/*.whl \
 && /opt/limner/bin/pip check

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin limner \
 && install --directory --owner limner --group limner --mode 0700 /models /run/limner
COPY --from=build /opt/limner /opt/limner
ENV PATH=/opt/limner/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    LIMNER_HOME=/models HF_HOME=/models LIMNER_LOG=json \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001
WORKDIR /models
VOLUME ["/models"]
CMD ["python", "-m", "engine", "--socket", "/run/limner/engine.sock"]
