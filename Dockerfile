# The provisioning service: API, workers and outbox are this image with `serve --only PART`. Build it in this folder:
#   docker build --tag bulkhead .
# It runs on a read-only file system; /tmp and what BULKHEAD_HOME and PULUMI_HOME name must be writable.

FROM docker.io/pulumi/pulumi-base:3.250.0 AS engine
ENV PULUMI_HOME=/opt/pulumi-home
RUN pulumi plugin install resource aws 7.51.1

FROM docker.io/library/python:3.11-slim-bookworm AS build
# What builds the install of the checkout, which brings no code of its own: the programs are read where they are.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check hatchling==1.33.0 editables==0.6
COPY requirements-service.lock /opt/bulkhead/
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: \
       --require-hashes --requirement /opt/bulkhead/requirements-service.lock
COPY . /opt/bulkhead
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation \
       --editable /opt/bulkhead \
    && /opt/venv/bin/python -m compileall -q /opt/bulkhead /opt/venv

FROM docker.io/library/python:3.11-slim-bookworm
# Debian keeps one version of a package a release, so none can be named here.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin bulkhead
COPY --from=engine /pulumi/bin /usr/local/bin
COPY --from=engine /opt/pulumi-home /opt/pulumi-home
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/bulkhead /opt/bulkhead
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PULUMI_SKIP_UPDATE_CHECK=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8420
ENTRYPOINT ["bulkhead"]
CMD ["serve", "--help"]
