# Builds the server, and puts it into an image without a shell. It runs as an unprivileged user.

# To pin both images by digest, see docs/how-to/deploy-with-compose.md, "Pin the images".
ARG BUILD_IMAGE=rust:1.95-slim-bookworm
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
ENV CARGO_PROFILE_RELEASE_STRIP=symbols
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p message-to-hash && \
    install -d -m 700 /out/folders/data && cp target/release/message-to-hash /out/

FROM ${BASE_IMAGE}
COPY --from=build /out/message-to-hash /usr/local/bin/
# Copied with its parent, because COPY gives a folder that it names the mode 755.
COPY --from=build --chown=nonroot:nonroot /out/folders/ /
ENV MESSAGE_TO_HASH_LISTEN=0.0.0.0:8080 \
    MESSAGE_TO_HASH_ADMIN_LISTEN=0.0.0.0:9090 \
    MESSAGE_TO_HASH_STORE=file:/data
EXPOSE 8080
# Name the volume (docker run -v messages:/data); Docker deletes an unnamed volume with its container.
VOLUME /data
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --start-interval=500ms \
    CMD ["message-to-hash", "healthcheck", "--serving"]
ENTRYPOINT ["message-to-hash"]
