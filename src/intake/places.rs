//! Places for codes on their way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::AppId;

/// So many places for each app: one whose push service is silent, or that is held, takes none from the others.
pub(super) struct Places {
    of_each: usize,
    apps: Mutex<HashMap<AppId, Arc<Semaphore>>>,
}

impl Places {
    /// So many for each app.
    pub(super) fn new(of_each: usize) -> Self {
        Self { of_each, apps: Mutex::default() }
    }

    /// A place, until the permit is dropped; `None` where the app has none left. Only apps that are served may ask:
    /// each is remembered.
    pub(super) fn take(&self, app: &AppId) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(apps.entry(app.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.of_each))))
        };
        places.try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_in_trouble_takes_no_place_from_another() {
        let places = Places::new(2);
        let [one, other]: [AppId; 2] = ["one", "other"].map(|id| id.parse().unwrap());
        let taken = [places.take(&one), places.take(&one)];
        assert!(taken.iter().all(Option::is_some));
        assert!(places.take(&one).is_none());
        assert!(places.take(&other).is_some());

        drop(taken);

        assert!(places.take(&one).is_some());
    }
}
