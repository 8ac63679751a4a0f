//! Where a standalone server keeps its desk. Stories of the server are played on both kinds of database.
#![allow(dead_code, unused_imports, unused_macros, reason = "each story uses its own part")]

#[path = "../../helpdesk-store/tests/common/postgres.rs"]
mod postgres;

use std::path::Path;

use crate::server::{Server, standalone};
use postgres::TestPostgres;

/// An empty database of the story's own, and a folder to run in.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    /// The URL of a Postgres; none: a file in the folder.
    postgres: Option<String>,
}

impl Place {
    /// An SQLite file.
    pub(crate) fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres: None }
    }

    /// A database of this program's Postgres.
    pub(crate) async fn postgres() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres: Some(TestPostgres::get().database().await) }
    }

    /// Whether it is an SQLite file.
    pub(crate) fn is_file(&self) -> bool {
        self.postgres.is_none()
    }

    /// Where servers run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a server.
    pub(crate) fn server(&self) -> Server {
        self.server_with(&[])
    }

    /// Starts a server with more flags than the usual.
    pub(crate) fn server_with(&self, more: &[&str]) -> Server {
        let mut flags = self.flags();
        flags.extend(more.iter().map(|flag| (*flag).to_owned()));
        let command = move |folder: &Path| {
            let mut command = standalone(folder);
            command.args(&flags);
            command
        };
        Server::run(command, self.folder.path())
    }

    /// The flags that name the database.
    pub(crate) fn flags(&self) -> Vec<String> {
        let named = |url: &String| ["--database-url", url, "--secret-key", "one secret key for all of the nodes here"].map(str::to_owned);
        self.postgres.iter().flat_map(named).collect()
    }
}

/// Makes of each story, an async function of a [`Place`], a test on each kind of database.
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(crate::place::Place::sqlite()).await;
                }
            )+
        }
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(crate::place::Place::postgres().await).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_databases;
