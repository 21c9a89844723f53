//! The facts of streams, older ones included. A stream never changes, so it is remembered for
//! good.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::{Stream, StreamId};

use crate::problem::{Answer, Problem};
use crate::service::Service;

pub(crate) struct StreamDirectory(RwLock<HashMap<StreamId, Arc<Stream>>>);

impl StreamDirectory {
    pub(crate) fn new(own: Stream) -> Self {
        Self(RwLock::new(HashMap::from([(own.id, Arc::new(own))])))
    }

    pub(crate) async fn get(&self, service: &Service, id: StreamId) -> Answer<Arc<Stream>> {
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let views = service.store().streams().await?;
        {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known.extend(views.into_iter().map(|view| (view.stream.id, Arc::new(view.stream))));
        }
        self.known(id).ok_or_else(|| Problem::corrupt("a position of no stream"))
    }

    fn known(&self, id: StreamId) -> Option<Arc<Stream>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}
