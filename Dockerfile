# The service as a small image: needs DATABASE_URL, applies the migrations at its start, runs as the user `node`.
# Each step is a plain command that can be tried by hand in a folder with the same files.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json bundle.mjs prisma.config.ts ./
COPY prisma prisma
COPY src src
RUN npm run build

# What runs in production: no tools, and no embedded PostgreSQL, which is the one optional dependency.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional
# Prisma brings its query compiler for every database and in two sizes: two thirds of the folder, never loaded.
RUN find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name '*_fast_bg.postgresql.*' -delete

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY prisma/migrations prisma/migrations
COPY docker/healthcheck.mjs docker/
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "docker/healthcheck.mjs"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
