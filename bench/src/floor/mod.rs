//! The floors: the cheapest programs that do a comparable job, with nothing of the product but its tables.

mod fanout;
mod ingest;
mod insert;
mod queue;
mod rows;

use std::path::PathBuf;

use axum::Router;
use clap::Subcommand;
use tokio::net::TcpListener;

use crate::Failure;

/// Which floor.
#[derive(Debug, Subcommand)]
pub(crate) enum Kind {
    /// Writes the rows of a message, grouped, acknowledged after the commit; tells a socket
    Ingest {
        /// A file with the product's tables
        file: PathBuf,
        /// Writes one bare row a message
        #[arg(long)]
        single: bool,
    },
    /// Writes one bare row a request into a Postgres database
    Insert {
        /// Its URL
        url: String,
    },
    /// Answers a page of the queue by its key
    Queue {
        /// A seeded file
        file: PathBuf,
    },
    /// Sends what is published to every socket
    Fanout,
}

/// Serves a floor until it is killed. The first line of output is the address.
pub(crate) async fn serve(kind: Kind) -> Result<(), Failure> {
    let router: Router = match kind {
        Kind::Ingest { file, single } => ingest::router(&file, single)?,
        Kind::Insert { url } => insert::router(&url).await?,
        Kind::Queue { file } => queue::router(&file)?,
        Kind::Fanout => fanout::router(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
