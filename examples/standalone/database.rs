//! Where the helpdesk is kept: an SQLite file, which one process owns, or a Postgres that nodes share, with a bus between them.

use std::path::Path;
use std::sync::Arc;

use helpdesk::bus::EventBus;
use helpdesk::engine::HelpdeskBuilder;
use helpdesk::{Helpdesk, NatsBus, PostgresBus, PostgresStore, SqliteStore};

use super::Failure;

/// What the flags say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    /// An SQLite file, by its URL.
    File(String),
    /// A Postgres, by its URL, and what carries hints between the nodes on it.
    Server { url: String, bus: Bus },
}

/// What carries hints between nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    /// The database itself.
    Postgres,
    /// NATS, by its URL.
    Nats(String),
}

impl Database {
    /// Understands the two flags.
    pub(crate) fn chosen(database_url: &str, event_bus: Option<&str>) -> Result<Self, Failure> {
        let url = database_url.to_owned();
        // The libraries below would take what they do not know for the name of a file or of a host.
        if begins_with(database_url, &["sqlite:"]) {
            return match event_bus {
                None => Ok(Self::File(url)),
                Some(_) => Err("--event-bus connects several nodes, but an SQLite file has only one: leave the flag out, or give a Postgres as --database-url".into()),
            };
        }
        if !begins_with(database_url, &["postgres://", "postgresql://"]) {
            return Err(
                "--database-url must be an SQLite file, such as sqlite://helpdesk.db, or a Postgres, such as postgres://user@host/database"
                    .into(),
            );
        }
        let bus = match event_bus {
            None | Some("postgres") => Bus::Postgres,
            Some(nats) if begins_with(nats, &["nats://", "tls://"]) => Bus::Nats(nats.to_owned()),
            Some(_) => {
                return Err(
                    "--event-bus must be postgres, for the bus on the database itself, or a NATS server, such as nats://host:4222".into()
                );
            }
        };
        Ok(Self::Server { url, bus })
    }

    /// Opens the store, with its tables, and connects the bus.
    pub(crate) async fn open(&self) -> Result<Open, Failure> {
        match self {
            Self::File(url) => Ok(Open::File(SqliteStore::connect(url).await?)),
            Self::Server { url, bus } => {
                let store = PostgresStore::connect(url).await?;
                let bus: Arc<dyn EventBus> = match bus {
                    Bus::Postgres => Arc::new(PostgresBus::connect(url).await?),
                    Bus::Nats(url) => Arc::new(NatsBus::connect(url).await?),
                };
                Ok(Open::Server(store, bus))
            }
        }
    }
}

fn begins_with(text: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| text.starts_with(beginning))
}

/// An open store, and the bus that goes with it.
pub(crate) enum Open {
    File(SqliteStore),
    Server(PostgresStore, Arc<dyn EventBus>),
}

impl Open {
    /// The helpdesk, to be built on it.
    pub(crate) fn helpdesk(&self) -> HelpdeskBuilder {
        match self {
            Self::File(store) => Helpdesk::builder(store.clone()),
            Self::Server(store, bus) => Helpdesk::builder(store.clone()).bus(Arc::clone(bus)),
        }
    }

    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(store) => Some(store.file()),
            Self::Server(..) => None,
        }
    }

    /// Finishes what waits to be written, and closes the store.
    pub(crate) async fn close(&self) {
        match self {
            Self::File(store) => store.close().await,
            Self::Server(store, _) => store.close().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: &str = "postgres://helpdesk@db.example/helpdesk";

    fn on_postgres(bus: Bus) -> Database {
        Database::Server { url: POSTGRES.to_owned(), bus }
    }

    #[test]
    fn a_postgres_is_its_own_bus_unless_told_otherwise() {
        let chosen = |bus| Database::chosen(POSTGRES, bus).unwrap();
        assert_eq!(chosen(None), on_postgres(Bus::Postgres));
        assert_eq!(chosen(Some("postgres")), on_postgres(Bus::Postgres));
        let nats = "nats://one.example:4222,nats://two.example:4222";
        assert_eq!(chosen(Some(nats)), on_postgres(Bus::Nats(nats.to_owned())));
        assert_eq!(Database::chosen("sqlite://helpdesk.db", None).unwrap(), Database::File("sqlite://helpdesk.db".to_owned()));
    }

    #[test]
    fn what_cannot_be_a_database_or_a_bus_is_refused_by_name_without_its_password() {
        let refused = |url, bus| Database::chosen(url, bus).unwrap_err().to_string();
        for told in [refused("mysql://user:hush@db/x", None), refused("helpdesk.db", None), refused("postgresql:x", None)] {
            assert!(told.starts_with("--database-url") && told.contains("postgres://") && !told.contains("hush"), "{told}");
        }
        for bus in ["redis://user:hush@bus.example", "Postgres", POSTGRES, "nats"] {
            let told = refused(POSTGRES, Some(bus));
            assert!(told.starts_with("--event-bus") && told.contains("nats://") && !told.contains("hush"), "{told}");
        }
        for bus in ["postgres", "nats://bus.example"] {
            let told = refused("sqlite://helpdesk.db", Some(bus));
            assert!(told.starts_with("--event-bus") && told.contains("--database-url"), "{told}");
        }
    }
}
