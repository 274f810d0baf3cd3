//! Where messages come from: a store, opened or as the server gives it that has it open.

use std::sync::Arc;

use super::served::Served;
use crate::config::{KeepOptions, RedisOptions, StoreKind};
use crate::metrics::StoreMetrics;
use crate::store::{self, Embedded, MessageStore, OpenError, Scan, StoreError, is_data_folder};

pub(super) enum Source {
    Store(Arc<dyn MessageStore>),
    Served(Served),
}

impl Source {
    pub(super) async fn open(kind: &StoreKind, redis: &RedisOptions) -> Result<Self, OpenError> {
        if let StoreKind::Embedded { folder } = kind {
            if !folder.is_dir() {
                return Err(OpenError(format!("there is no data folder {}", folder.display())));
            }
            if !is_data_folder(folder) {
                return Err(OpenError(format!("{} has no messages, and never had any", folder.display())));
            }
            let served = Served::connect(folder).map_err(|error| {
                OpenError(format!("the server of {} does not give it: {error}", folder.display()))
            })?;
            if let Some(served) = served {
                return Ok(Self::Served(served));
            }
            let store = Embedded::open_to_read(folder, &StoreMetrics::default()).await?;
            return Ok(Self::Store(Arc::new(store)));
        }
        Ok(Self::Store(
            store::open_uncached(kind, &KeepOptions::unchanged(redis), false, &StoreMetrics::default())
                .await?,
        ))
    }

    pub(super) async fn estimated_count(&self) -> Result<u64, StoreError> {
        match self {
            Self::Store(store) => store.estimated_count().await,
            Self::Served(served) => Ok(served.count),
        }
    }

    pub(super) fn scan(&mut self) -> Scan<'_> {
        match self {
            Self::Store(store) => store.scan(),
            Self::Served(served) => Box::pin(&mut served.messages),
        }
    }
}
