//! The servers of a run, with their database and their bus.

use std::path::{Path, PathBuf};

use tokio::sync::Mutex;

use super::nats::Nats;
use super::node::{Node, Plan};
use super::postgres::Postgres;
use super::proxy::Proxy;
use crate::Failure;

/// How the servers are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Topology {
    /// Three servers, Postgres behind a proxy, Postgres as the bus
    Postgres,
    /// Three servers, Postgres behind a proxy, NATS as the bus
    Nats,
    /// One server on an SQLite file
    Sqlite,
}

impl Topology {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Nats => "nats",
            Self::Sqlite => "sqlite",
        }
    }
}

/// The servers of a run.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// Those that clients talk to.
    pub(crate) nodes: Vec<Mutex<Node>>,
    /// Their roots.
    pub(crate) urls: Vec<String>,
    /// The wire between servers and database.
    pub(crate) proxy: Option<Proxy>,
    /// The database.
    pub(crate) postgres: Option<Mutex<Postgres>>,
    /// The bus.
    pub(crate) nats: Option<Mutex<Nats>>,
}

impl Cluster {
    /// Starts everything.
    pub(crate) async fn start(topology: Topology, binary: &Path, folder: &Path) -> Result<Self, Failure> {
        let mut cluster = Self { nodes: Vec::new(), urls: Vec::new(), proxy: None, postgres: None, nats: None };
        let (count, database, bus) = match topology {
            Topology::Sqlite => (1, "sqlite://helpdesk.db".to_owned(), None),
            Topology::Postgres | Topology::Nats => {
                let postgres = Postgres::start().await?;
                let proxy = Proxy::start(postgres.socket()).await?;
                let database = format!("postgres://helpdesk@{}/postgres?sslmode=disable", proxy.address());
                (cluster.postgres, cluster.proxy) = (Some(Mutex::new(postgres)), Some(proxy));
                let bus = match topology {
                    Topology::Nats => {
                        let nats = Nats::start().await?;
                        let url = nats.url();
                        cluster.nats = Some(Mutex::new(nats));
                        url
                    }
                    _ => "postgres".to_owned(),
                };
                (3, database, Some(bus))
            }
        };
        for number in 0..count {
            let (binary, folder): (PathBuf, PathBuf) = (binary.to_owned(), folder.to_owned());
            let mut node = Node::new(Plan { binary, folder, number, database: database.clone(), bus: bus.clone() })?;
            node.start().await?;
            cluster.urls.push(node.url());
            cluster.nodes.push(Mutex::new(node));
        }
        Ok(cluster)
    }

    /// Ends everything.
    pub(crate) async fn stop(&self) -> Result<(), Failure> {
        for node in &self.nodes {
            node.lock().await.kill().await?;
        }
        if let Some(nats) = &self.nats {
            nats.lock().await.stop().await?;
        }
        match &self.postgres {
            Some(postgres) => postgres.lock().await.stop().await,
            None => Ok(()),
        }
    }
}
