# The server alone, on a base without a shell: built here, run as nobody in particular.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
ENV CARGO_PROFILE_RELEASE_STRIP=symbols
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p message-to-hash && \
    mkdir -p /out/data && cp target/release/message-to-hash /out/

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/message-to-hash /usr/local/bin/
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV MESSAGE_TO_HASH_LISTEN=0.0.0.0:8080 \
    MESSAGE_TO_HASH_ADMIN_LISTEN=0.0.0.0:9090 \
    MESSAGE_TO_HASH_STORE=file:/data
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --start-interval=500ms \
    CMD ["message-to-hash", "healthcheck", "--serving"]
ENTRYPOINT ["message-to-hash"]
