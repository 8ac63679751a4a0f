//! The routes, driven as programs drive them.

mod api;
mod desk;
mod document;
mod door;
mod hostile;
mod leftover;
mod line;
mod live;
mod live_doors;
mod nested;
mod off;
mod overload;
mod rows;
mod telling;
