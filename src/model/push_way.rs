//! A way to a push service: what of an app is held, rests or fails together.

use std::fmt;
use std::str::FromStr;

use super::{AppId, Environment, PushService, UnknownName};

/// One app at one push service and environment. Written as `chat/fcm` or `chat/apns/production`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PushWay {
    /// The app.
    pub app: AppId,
    /// The push service.
    pub push_service: PushService,
    /// APNs only.
    pub environment: Option<Environment>,
}

impl fmt::Display for PushWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.push_service)?;
        match self.environment {
            Some(environment) => write!(f, "/{}", environment.as_str()),
            None => Ok(()),
        }
    }
}

impl FromStr for PushWay {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let mut parts = text.split('/');
        let (app, push_service) = parts.next().zip(parts.next()).ok_or(UnknownName)?;
        let environment = parts.next().map(str::parse).transpose()?;
        if parts.next().is_some() {
            return Err(UnknownName);
        }
        Ok(Self {
            app: app.parse().map_err(|_| UnknownName)?,
            push_service: push_service.parse()?,
            environment,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_read_as_it_was_written() {
        for push_service in PushService::ALL {
            for environment in [None, Some(Environment::Production), Some(Environment::Sandbox)] {
                let way = PushWay { app: "chat".parse().unwrap(), push_service, environment };
                assert_eq!(way.to_string().parse(), Ok(way));
            }
        }
    }

    #[test]
    fn anything_else_is_no_way() {
        for text in
            ["", "chat", "chat/", "/fcm", "chat/sms", "chat/apns/", "chat/apns/moon", "chat/fcm/sandbox/x"]
        {
            assert_eq!(text.parse::<PushWay>(), Err(UnknownName), "{text}");
        }
    }
}
