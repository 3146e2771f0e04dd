# Vesper's service. Build at the root of the repository: docker build -t vesper .
# It runs the sources as they are: Node strips the types, so what was tested is what runs.

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/core/package.json packages/core/
COPY packages/outbox/package.json packages/outbox/
COPY packages/qbo-adapter/package.json packages/qbo-adapter/
COPY packages/qbo-emulator/package.json packages/qbo-emulator/
COPY apps/webhook/package.json apps/webhook/
# No install script of any package runs: none of what the service needs has one.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production PORT=8080 VESPER_DATA_DIR=/data
WORKDIR /app
# Nothing of what was copied can be changed by the user it runs as; /data is the only place it writes to.
RUN mkdir /data && chown node:node /data && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn*
COPY --from=dependencies /app/package.json ./
COPY --from=dependencies /app/node_modules node_modules/
COPY packages/core/package.json packages/core/
COPY packages/core/src packages/core/src/
COPY packages/outbox/package.json packages/outbox/
COPY packages/outbox/src packages/outbox/src/
COPY packages/qbo-adapter/package.json packages/qbo-adapter/
COPY packages/qbo-adapter/src packages/qbo-adapter/src/
COPY packages/qbo-emulator/package.json packages/qbo-emulator/
COPY packages/qbo-emulator/src packages/qbo-emulator/src/
COPY apps/webhook/package.json apps/webhook/
COPY apps/webhook/src apps/webhook/src/
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--conditions=source", "--disable-warning=ExperimentalWarning", "apps/webhook/src/main.ts"]
