//! The rules, told as stories, and their invariants under many random ones.

mod assistant;
mod button;
mod checks;
mod contact;
mod invariants;
mod lifecycle;
mod races;
mod reading;
mod request;
mod rights;
mod story;
mod takeover;
mod team;
mod tickets;
mod want;
mod world;
