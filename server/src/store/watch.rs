//! Logs when a remote store stops working and when it works again, with or without requests of clients.

use std::sync::Arc;
use std::time::Duration;

use log::{error, info, warn};
use tokio::time::sleep;

use super::{MessageStore, StoreError};

/// From one question to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks the store whether it is ready, for ever, and logs each change.
pub async fn watch(store: Arc<dyn MessageStore>) {
    let mut last = Ok(());
    loop {
        sleep(PAUSE).await;
        let now = store.ready().await;
        if kind(&last) != kind(&now) {
            match &now {
                Err(error @ StoreError::AtRisk(_)) => error!("{error}; not ready until that is mended"),
                Err(error) => warn!("{error}; this goes on until the store is said to work again"),
                Ok(()) => info!("the store works again"),
            }
        }
        last = now;
    }
}

/// States between which a change is worth a line.
fn kind(state: &Result<(), StoreError>) -> u8 {
    match state {
        Ok(()) => 0,
        Err(StoreError::AtRisk(_)) => 1,
        Err(_) => 2,
    }
}
