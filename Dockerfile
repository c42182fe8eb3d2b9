# syntax=docker/dockerfile:1
# One image for every process of compose.yaml: gateway, subgraphs and worker differ by command only.

FROM node:22-bookworm-slim AS graphiql
WORKDIR /build
COPY supergraph/server/graphiql/package.json supergraph/server/graphiql/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY supergraph/server/graphiql/ ./
RUN npm run build

FROM python:3.11-slim-bookworm AS dependencies
WORKDIR /app
COPY requirements/ requirements/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && VIRTUAL_ENV=/app/.venv .venv/bin/uv pip install --no-cache --compile-bytecode \
        --require-hashes -r requirements/run.txt \
    && .venv/bin/pip uninstall --yes uv

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data supergraph
WORKDIR /app
COPY --from=dependencies /app/.venv .venv
COPY supergraph/ supergraph/
COPY --from=graphiql /build/dist supergraph/server/graphiql/dist
COPY broadcasting/ broadcasting/
COPY subgraphs/ subgraphs/
COPY schema/ schema/
COPY rover.yaml gateway.yaml gateway.stack.yaml ./
# The user below may not write beside the modules, so that every start would compile them again.
RUN .venv/bin/python -m compileall -q supergraph broadcasting subgraphs
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
USER 10001
VOLUME /data
EXPOSE 4000
# Alone, the image is the embedded mode; compose.yaml gives each process its command.
CMD ["python", "-m", "subgraphs.demo", "run", "--host", "0.0.0.0"]
