//! Says when a store that is elsewhere goes away, and when it is back, whether anybody asks for a message or not.

use std::sync::Arc;
use std::time::Duration;

use log::{info, warn};
use tokio::time::sleep;

use super::MessageStore;

/// From one look to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks again and again, for ever.
pub async fn watch(store: Arc<dyn MessageStore>) {
    let mut is_away = false;
    loop {
        sleep(PAUSE).await;
        match store.ready().await {
            Err(error) if !is_away => {
                warn!("{error}; this goes on until the store is said to work again");
                is_away = true;
            }
            Ok(()) if is_away => {
                info!("the store works again");
                is_away = false;
            }
            _ => {}
        }
    }
}
