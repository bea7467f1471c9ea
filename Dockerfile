# The assistant as an image; docs/deploy.md says how it is run. A build needs nothing but this folder and PyPI:
#   docker build -t notes-assistant:1.0.0 .
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY assistant assistant
COPY corpus corpus
COPY eval eval
# Compiled without times of files, which some builders round, whereupon all would be compiled again at each start; a few
# files of tests and templates are no Python, and fail.
RUN python -m venv /opt/assistant \
    && /opt/assistant/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheel . \
    && /opt/assistant/bin/pip install --no-cache-dir --no-compile "$(echo /wheel/*.whl)[postgres,milvus]" \
    && (/opt/assistant/bin/python -m compileall -qq -x /tests/ --invalidation-mode unchecked-hash /opt/assistant || true)

FROM ${PYTHON}
# Tesseract reads scans and pictures. Debian's own repository keeps only the newest build of a package.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-kor \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 /data /models /notes
COPY --from=build /opt/assistant /opt/assistant
# Below /data are the index, the conversations and the cache: nothing else is written but /models and /tmp.
ENV PATH=/opt/assistant/bin:$PATH \
    HOME=/data \
    ASSISTANT_NOTES=/notes \
    ASSISTANT_MODELS=/models \
    ASSISTANT_INDEX=/data/index
WORKDIR /data
VOLUME ["/data", "/models", "/notes"]
# By number, so that Kubernetes can tell that it is not root.
USER 10001:10001
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/livez', timeout=8)"]
ENTRYPOINT ["assistant"]
# Listening to other machines, the server does not start without a log-in.
CMD ["serve", "--host", "0.0.0.0", "--pull"]
