//! The source of a transfer: a store, or the server that has a data folder open.

use std::sync::Arc;

use super::served::SharedFolder;
use crate::metrics::StoreMetrics;
use crate::store::{
    self, Embedded, MessageStore, OpenError, RedisOptions, Scan, StorageOptions, StoreError, StoreKind,
    is_data_folder,
};

pub(super) enum MessageSource {
    Store(Arc<dyn MessageStore>),
    SharedFolder(SharedFolder),
}

impl MessageSource {
    pub(super) async fn open(kind: &StoreKind, redis: &RedisOptions) -> Result<Self, OpenError> {
        if let StoreKind::Embedded { folder } = kind {
            if !folder.is_dir() {
                return Err(OpenError::new(format!("there is no data folder {}", folder.display())));
            }
            if !is_data_folder(folder) {
                return Err(OpenError::new(format!(
                    "{} has no messages, and never had any",
                    folder.display()
                )));
            }
            let served = SharedFolder::connect(folder).map_err(|error| {
                OpenError::caused_by(format!("the server of {} does not send it", folder.display()), error)
            })?;
            if let Some(served) = served {
                return Ok(Self::SharedFolder(served));
            }
            let store = Embedded::open_to_read(folder, &StoreMetrics::default()).await?;
            return Ok(Self::Store(Arc::new(store)));
        }
        Ok(Self::Store(
            store::open_uncached(kind, &StorageOptions::unchanged(redis), false, &StoreMetrics::default())
                .await?,
        ))
    }

    pub(super) async fn estimated_count(&self) -> Result<u64, StoreError> {
        match self {
            Self::Store(store) => store.estimated_count().await,
            Self::SharedFolder(served) => Ok(served.count),
        }
    }

    pub(super) fn scan(&mut self) -> Scan<'_> {
        match self {
            Self::Store(store) => store.scan(),
            Self::SharedFolder(served) => Box::pin(&mut served.messages),
        }
    }
}
