//! Stores each line of stdin as a message, and prints its hash:
//! `cargo run -p message-to-hash-client --example put_lines -- http://localhost:8080 < FILE`

use std::error::Error;

use futures::{StreamExt as _, stream};
use message_to_hash_client::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let base_url = std::env::args().nth(1).ok_or("the base URL is missing")?;
    let client = Client::builder(base_url).user_agent("put-lines").build()?;
    let lines = std::io::stdin().lines().collect::<Result<Vec<_>, _>>()?;
    let mut stored = client.put_all(stream::iter(&lines));
    while let Some(stored) = stored.next().await {
        println!("{}", stored?.hash);
    }
    Ok(())
}
