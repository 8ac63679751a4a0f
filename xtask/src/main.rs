//! The project's own commands, run as `cargo xtask <command>`.
//!
//! One file under `command/` is one command. What a command checks stands in `rule/`, what it starts in `tool/`.
//! Nothing here is part of the library, and nothing in the library knows of it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a person at a terminal")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod assets;
mod command;
mod failure;
mod rule;
mod steps;
mod tool;
mod workspace;

use failure::Result;
use workspace::Workspace;

/// The commands of the helpdesk project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Format, lints, documentation, each feature alone, licences, file lengths, words
    Check(command::check::Options),
    /// Every test there is: Rust, doctests, the pages, and both together in a browser
    Test(command::test::Options),
    /// Build the pages and write them to helpdesk-http/assets
    Ui(command::ui::Options),
    /// How fast it is: JSON lines and a table
    Bench(command::bench::Options),
    /// Fill an empty database with lifelike data
    Seed(command::seed::Options),
    /// Load and faults on three servers and on one, the history judged by a checker
    Soak(command::soak::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    let workspace = Workspace::containing_this_program()?;
    match command {
        Command::Check(options) => command::check::run(&workspace, options),
        Command::Test(options) => command::test::run(&workspace, options),
        Command::Ui(options) => command::ui::run(&workspace, options),
        Command::Bench(options) => command::bench::run(&workspace, options),
        Command::Seed(options) => command::seed::run(&workspace, options),
        Command::Soak(options) => command::soak::run(&workspace, options),
    }
}
