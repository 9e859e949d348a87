# The program and what it needs, on nothing else: no shell, no package manager. Plain syntax, which the
# classic builder takes too. docs/install-kubernetes.md says how it is built and what is in it.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
WORKDIR /src
COPY . .
# A binary that was built on the same base may stand in prebuilt/: nothing is compiled then.
RUN set -eu; \
    if [ ! -x prebuilt/autoscaler ]; then \
      apt-get update -qq; \
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        g++ cmake ninja-build mold pkg-config libcpprest-dev libssl-dev libcurl4-openssl-dev libboost-dev \
        nlohmann-json3-dev libyaml-cpp-dev prometheus-cpp-dev libcli11-dev libspdlog-dev libsqlite3-dev zlib1g-dev \
        libre2-dev libhowardhinnant-date-dev libcctz-dev; \
      cmake --preset release -DAUTOSCALER_TESTS=OFF; \
      ninja -C build/release autoscaler; \
      mkdir -p prebuilt; \
      cp build/release/controller/autoscaler prebuilt/autoscaler; \
    fi

FROM ${BASE} AS files
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      binutils ca-certificates tzdata libcpprest2.10 libcurl4 libyaml-cpp0.7 libsqlite3-0 libspdlog1.10 \
      libprometheus-cpp-core1.0 libre2-9 libdate-tz3
COPY --from=build /src/prebuilt/autoscaler /usr/bin/autoscaler
COPY image/collect.sh /collect.sh
RUN sh /collect.sh /usr/bin/autoscaler /image

FROM scratch
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="autoscaler" \
      org.opencontainers.image.description="Keeps services at the size that their load needs, and says why" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=files /image /
USER 65532:65532
WORKDIR /var/lib/autoscaler
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 CMD ["/usr/bin/autoscaler", "health"]
ENTRYPOINT ["/usr/bin/autoscaler"]
CMD ["run", "--config", "/etc/autoscaler/config.yaml"]
