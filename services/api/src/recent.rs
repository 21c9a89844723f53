//! Values read a moment ago.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use proof::Timestamp;

use crate::problem::Answer;

/// How long what an administrator ended, a key or an issuer, may still be taken for good, in
/// milliseconds; on each replica by itself. What was added works at once. The promise is a minute.
pub const ADMINISTRATION_MEMORY_MS: i64 = 30_000;

/// A bounded memory of values that may be believed for `max_age_ms` after they were read. A clock
/// that went back makes a value old, never young.
pub(crate) struct Recent<K, V> {
    max_age_ms: i64,
    capacity: usize,
    values: Mutex<HashMap<K, (V, Timestamp)>>,
    reading: tokio::sync::Mutex<()>,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    pub(crate) fn new(max_age_ms: i64, capacity: usize) -> Self {
        Self { max_age_ms, capacity, values: Mutex::default(), reading: Default::default() }
    }

    /// The value, if it was read at most `max_age_ms` before `now`.
    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, read_at) = values.get(key)?;
        (0..=self.max_age_ms).contains(&now.since(*read_at)).then(|| value.clone())
    }

    /// The value, read anew when it is too old. All who want it meanwhile wait for one reading.
    pub(crate) async fn get_or_read(
        &self,
        key: K,
        now: Timestamp,
        read: impl Future<Output = Answer<V>>,
    ) -> Answer<V> {
        if let Some(value) = self.get(&key, now) {
            return Ok(value);
        }
        let _reading = self.reading.lock().await;
        if let Some(value) = self.get(&key, now) {
            return Ok(value);
        }
        let value = read.await?;
        self.put(key, value.clone(), now);
        Ok(value)
    }

    /// Remembers what was just read. At the bound all is forgotten: it is only a memory.
    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= self.capacity && !values.contains_key(&key) {
            values.clear();
        }
        values.insert(key, (value, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_by_age_and_by_number() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let recent = Recent::new(30, 2);
        recent.put(1, 'a', at(100));
        assert_eq!(recent.get(&1, at(130)), Some('a'));
        assert_eq!(recent.get(&1, at(131)), None);
        assert_eq!(recent.get(&1, at(99)), None);
        recent.put(2, 'b', at(100));
        recent.put(2, 'c', at(100));
        assert_eq!((recent.get(&1, at(100)), recent.get(&2, at(100))), (Some('a'), Some('c')));
        recent.put(3, 'd', at(100));
        assert_eq!((recent.get(&1, at(100)), recent.get(&3, at(100))), (None, Some('d')));
    }
}
