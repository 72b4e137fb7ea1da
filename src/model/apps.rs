//! The operator's apps, by name.

use std::collections::HashMap;

use super::{App, AppId};

/// Every app of the relay.
#[derive(Debug, Clone, Default)]
pub struct Apps(HashMap<AppId, App>);

impl Apps {
    /// The app with this name.
    #[must_use]
    pub fn get(&self, id: &AppId) -> Option<&App> {
        self.0.get(id)
    }

    /// All of them, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.values()
    }
}

impl FromIterator<App> for Apps {
    fn from_iter<I: IntoIterator<Item = App>>(apps: I) -> Self {
        Self(apps.into_iter().map(|app| (app.id.clone(), app)).collect())
    }
}
