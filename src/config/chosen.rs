//! Which settings an operator chose: the names of the keys that a config has, never their values.
//!
//! For the report, which may be shown to anybody. Every key is one of a closed list, because a config with an unknown one
//! is refused; what is not in a config has its default.

use toml::{Table, Value};

use super::{AppConfig, Config, ConfigError};

/// The names of the keys that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenSettings {
    /// Of the relay's config: `relay.name`, `limits.rates.sender_requests`.
    pub relay: Vec<String>,
    /// Of each app's, in no order that tells which is which.
    pub apps: Vec<Vec<String>>,
}

impl Config {
    /// Reads the files of this config once more.
    pub fn chosen_settings(&self) -> Result<ChosenSettings, ConfigError> {
        let names = |file: &std::path::Path| {
            let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Read {
                file: file.to_owned(),
                error,
                hint: "It could be read a moment ago.",
            })?;
            let table: Table = toml::from_str(&text)
                .map_err(|error| ConfigError::Shape { file: file.to_owned(), text: error.to_string() })?;
            let mut names = Vec::new();
            collect(&table, "", &mut names);
            names.sort();
            names.dedup();
            Ok(names)
        };
        let file_of = |app: &AppConfig| self.apps_dir.join(format!("{}.toml", app.app.id));
        let apps: Result<Vec<_>, ConfigError> = self.apps.iter().map(|app| names(&file_of(app))).collect();
        let mut apps = apps?;
        apps.sort();
        Ok(ChosenSettings { relay: names(&self.file)?, apps })
    }
}

fn collect(table: &Table, before: &str, names: &mut Vec<String>) {
    for (key, value) in table {
        let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Value::Table(table) => collect(table, &name, names),
            // `[[listen]]`: several of a kind count once.
            Value::Array(values) if values.iter().any(Value::is_table) => {
                values.iter().filter_map(Value::as_table).for_each(|table| collect(table, &name, names));
            }
            _ => names.push(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_and_values_are_not() {
        let text = "[relay]\nname = 'secret'\n[[listen]]\naddress = 'a'\n[[listen]]\naddress = 'b'\n\
                    tls = { certificate = 'c', key = 'd' }\n[limits.rates]\nsender_requests = 'off'";
        let mut names = Vec::new();
        collect(&toml::from_str(text).unwrap(), "", &mut names);
        names.sort();
        names.dedup();
        assert_eq!(
            names,
            [
                "limits.rates.sender_requests",
                "listen.address",
                "listen.tls.certificate",
                "listen.tls.key",
                "relay.name"
            ]
        );
    }
}
