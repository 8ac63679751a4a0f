//! Statements of many rows, in a few fixed sizes: each size is prepared once and stays in the connection's cache.

use std::sync::Arc;

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type};

use crate::sql::fault::Fault;

/// The sizes, the largest first.
const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// The parameters of a statement, row by row.
#[derive(Default)]
pub(super) struct Parameters {
    arguments: SqliteArguments,
    refused: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Parameters {
    /// The next column.
    pub(super) fn add<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if let Err(error) = self.arguments.add(value) {
            self.refused.get_or_insert(error);
        }
        self
    }

    fn arguments(self) -> Result<SqliteArguments, Fault> {
        self.refused.map_or(Ok(self.arguments), |error| Err(Fault::Encode(error)))
    }
}

/// A statement in each size.
#[derive(Debug)]
pub(super) struct Bulk {
    sizes: [Arc<str>; SIZES.len()],
}

impl Bulk {
    /// The statement `before`, rows of so many columns, `after`.
    pub(super) fn new(before: &str, columns: usize, after: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        Self { sizes: SIZES.map(|size| format!("{before} {} {after}", vec![row.as_str(); size].join(",")).into()) }
    }

    /// Runs it over all items, in as few statements as the sizes allow.
    pub(super) async fn run<T>(
        &self,
        connection: &mut SqliteConnection,
        mut items: &[T],
        bind: impl Fn(&mut Parameters, &T) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for (size, sql) in SIZES.iter().zip(&self.sizes) {
            while items.len() >= *size {
                let (rows, rest) = items.split_at(*size);
                let mut parameters = Parameters::default();
                for row in rows {
                    bind(&mut parameters, row)?;
                }
                sqlx::query_with(AssertSqlSafe(Arc::clone(sql)), parameters.arguments()?).execute(&mut *connection).await?;
                items = rest;
            }
        }
        Ok(())
    }

    /// Runs it as a question about all items, which are repeated to fill a size: fewer statements, the same rows.
    pub(super) async fn ask<T>(
        &self,
        connection: &mut SqliteConnection,
        items: &[T],
        bind: impl Fn(&mut Parameters, &T),
    ) -> Result<Vec<SqliteRow>, Fault> {
        let mut found = Vec::new();
        for chunk in items.chunks(SIZES[0]) {
            // The smallest size that holds them.
            let Some((size, sql)) = SIZES.iter().zip(&self.sizes).rev().find(|(size, _)| **size >= chunk.len()) else {
                continue;
            };
            let mut parameters = Parameters::default();
            for item in chunk.iter().chain(std::iter::repeat(&chunk[chunk.len() - 1])).take(*size) {
                bind(&mut parameters, item);
            }
            found.extend(sqlx::query_with(AssertSqlSafe(Arc::clone(sql)), parameters.arguments()?).fetch_all(&mut *connection).await?);
        }
        Ok(found)
    }

    /// Its smallest form.
    #[cfg(test)]
    pub(super) fn smallest(&self) -> &str {
        &self.sizes[SIZES.len() - 1]
    }
}
