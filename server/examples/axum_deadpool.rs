//! A server that keeps messages in Redis with axum and a deadpool-redis pool: each request checks a connection out of
//! the pool. `build.sh bench redis` compares the product with it.
//!
//! Routes, JSON, digests and keys are those of the product. The server has no contract, no deadlines, no log and only
//! axum's limits, and does not verify messages from Redis. The arguments are the address to listen on, the URL of Redis
//! and the size of the pool.

use std::error::Error;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{AsyncCommands, ExistenceCheck, IntoConnectionInfo, RedisError, SetOptions};
use deadpool_redis::{Manager, Pool, PoolError, Runtime};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

#[derive(Deserialize, Serialize)]
struct ExampleMessage {
    message: String,
}

#[derive(Serialize)]
struct Digest {
    digest: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(redis), Some(connections)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: axum_deadpool ADDRESS REDIS_URL CONNECTIONS".into());
    };
    let info = redis.into_connection_info()?.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    let pool =
        Pool::builder(Manager::new(info)?).max_size(connections.parse()?).runtime(Runtime::Tokio1).build()?;
    let routes = Router::new()
        .route("/messages", post(store_message))
        .route("/messages/{hash}", get(get_message))
        .with_state(pool);
    let listener = TcpListener::bind(address).await?;
    println!("serving on http://{}", listener.local_addr()?);
    // A failure to set TCP_NODELAY only makes the connection slower.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn store_message(
    State(pool): State<Pool>,
    Json(ExampleMessage { message }): Json<ExampleMessage>,
) -> Result<(StatusCode, Json<Digest>), Failure> {
    let digest = const_hex::encode(Sha256::digest(&message));
    let if_absent = SetOptions::default().conditional_set(ExistenceCheck::NX);
    let mut redis = pool.get().await?;
    let is_new: bool = redis.set_options(key(&digest), message, if_absent).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Digest { digest })))
}

async fn get_message(
    State(pool): State<Pool>,
    Path(hash): Path<String>,
) -> Result<Json<ExampleMessage>, Failure> {
    let mut redis = pool.get().await?;
    let message: Option<String> = redis.get(key(&hash)).await?;
    message.map(|message| Json(ExampleMessage { message })).ok_or(Failure::NotFound)
}

fn key(digest: &str) -> String {
    format!("m:{digest}")
}

enum Failure {
    NotFound,
    Redis(String),
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        Self::Redis(error.to_string())
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Redis(error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Message not found").into_response(),
            Self::Redis(cause) => (StatusCode::SERVICE_UNAVAILABLE, cause).into_response(),
        }
    }
}
