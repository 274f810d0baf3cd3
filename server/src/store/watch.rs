//! Logs when a store stops working and when it works again, even without requests.

use std::sync::Arc;
use std::time::Duration;

use log::{error, info, warn};
use tokio::time::sleep;

use super::{MessageStore, StoreError};
use crate::error_chain::chain;

/// The time between two checks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Checks whether the store is ready, forever, and logs each change.
pub async fn watch(store: Arc<dyn MessageStore>) {
    let mut last = Ok(());
    loop {
        sleep(INTERVAL).await;
        let now = store.ready().await;
        if kind(&last) != kind(&now) {
            match &now {
                Err(error @ StoreError::AtRisk(_)) => {
                    error!("{}; not ready until that is resolved", chain(error));
                }
                Err(error) => warn!("{}; a later line says when the store works again", chain(error)),
                Ok(()) => info!("the store works again"),
            }
        }
        last = now;
    }
}

/// The state of readiness. Only a change of state is logged.
fn kind(state: &Result<(), StoreError>) -> u8 {
    match state {
        Ok(()) => 0,
        Err(StoreError::AtRisk(_)) => 1,
        Err(_) => 2,
    }
}
