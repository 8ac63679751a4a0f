//! Statements of many rows, in a few fixed sizes: each size is prepared once and stays in the connection's cache.

use rusqlite::{CachedStatement, Connection, Row, ToSql};

use crate::sql::fault::Fault;

/// The sizes, the largest first.
const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// The parameters of a statement, row by row.
pub(super) struct Parameters<'c> {
    statement: CachedStatement<'c>,
    bound: usize,
    refused: Option<rusqlite::Error>,
}

impl<'c> Parameters<'c> {
    fn of(connection: &'c Connection, sql: &str) -> Result<Self, Fault> {
        Ok(Self { statement: connection.prepare_cached(sql)?, bound: 0, refused: None })
    }

    /// The next column.
    pub(super) fn add(&mut self, value: impl ToSql) -> &mut Self {
        self.bound += 1;
        if let Err(error) = self.statement.raw_bind_parameter(self.bound, value) {
            self.refused.get_or_insert(error);
        }
        self
    }

    fn bound(self) -> Result<CachedStatement<'c>, Fault> {
        self.refused.map_or(Ok(self.statement), |error| Err(error.into()))
    }
}

/// A statement in each size.
#[derive(Debug)]
pub(super) struct Bulk {
    sizes: [String; SIZES.len()],
}

impl Bulk {
    /// The statement `before`, rows of so many columns, `after`.
    pub(super) fn new(before: &str, columns: usize, after: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        Self { sizes: SIZES.map(|size| format!("{before} {} {after}", vec![row.as_str(); size].join(","))) }
    }

    /// Runs it over all items, in as few statements as the sizes allow.
    pub(super) fn run<T>(
        &self,
        connection: &Connection,
        mut items: &[T],
        bind: impl Fn(&mut Parameters<'_>, &T) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for (size, sql) in SIZES.iter().zip(&self.sizes) {
            while items.len() >= *size {
                let (rows, rest) = items.split_at(*size);
                let mut parameters = Parameters::of(connection, sql)?;
                for row in rows {
                    bind(&mut parameters, row)?;
                }
                parameters.bound()?.raw_execute()?;
                items = rest;
            }
        }
        Ok(())
    }

    /// Runs it as a question about all items, which are repeated to fill a size: fewer statements, the same rows.
    pub(super) fn ask<T>(
        &self,
        connection: &Connection,
        items: &[T],
        bind: impl Fn(&mut Parameters<'_>, &T),
        mut found: impl FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for chunk in items.chunks(SIZES[0]) {
            // The smallest size that holds them.
            let Some((size, sql)) = SIZES.iter().zip(&self.sizes).rev().find(|(size, _)| **size >= chunk.len()) else {
                continue;
            };
            let mut parameters = Parameters::of(connection, sql)?;
            for item in chunk.iter().chain(std::iter::repeat(&chunk[chunk.len() - 1])).take(*size) {
                bind(&mut parameters, item);
            }
            let mut statement = parameters.bound()?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                found(row)?;
            }
        }
        Ok(())
    }

    /// Its smallest form.
    #[cfg(test)]
    pub(super) fn smallest(&self) -> &str {
        &self.sizes[SIZES.len() - 1]
    }
}
